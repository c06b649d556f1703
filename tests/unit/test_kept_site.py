"""A site that is kept is the site that was read, or it is not used."""

from __future__ import annotations

from pathlib import Path

import pytest

from hazardwatch import kept_site
from hazardwatch.sites import Sound, read_sound, sound_site
from pipeline.errors import ConfigError

TEXT = """schema: hazardwatch/site/v1
site: {id: kept, name: {en: Kept, zh-CN: 留存}, timezone: UTC, language: en}
installations:
  - id: T1
    name: {en: Tanks, zh-CN: 罐区}
    owner: desk
    points:
      - {id: LT, name: {en: Level, zh-CN: 液位}, quantity: level, unit: m, range: [0, 15], alarms: {HH: {setpoint: 13}}}
positions: [{id: desk, level: post, people: [li.wei]}]
people: [{id: li.wei, name: 李伟, phone: "+8613800000001"}]
channels: {}
notify: {always: [], escalations: []}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "site.yaml"
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that were really read."""
    found: list[Path] = []

    def reading(path: Path) -> Sound:
        found.append(path)
        return read_sound(path)

    monkeypatch.setattr("hazardwatch.sites.read_sound", reading)
    monkeypatch.setattr(kept_site, "_read_apart", kept_site._read)
    return found


def test_the_second_start_gets_the_same_site_without_reading_the_file(file: Path, read: list[Path]) -> None:
    first = kept_site.kept_site(file, file.parent / "data")
    second = kept_site.kept_site(file, file.parent / "data")
    assert len(read) == 1
    assert second[:2] == first[:2] == sound_site(file)


def test_another_setpoint_is_another_site(file: Path, read: list[Path]) -> None:
    kept_site.kept_site(file, file.parent / "data")
    file.write_text(TEXT.replace("setpoint: 13", "setpoint: 12"), encoding="utf-8")
    site, *_ = kept_site.kept_site(file, file.parent / "data")
    assert len(read) == 2
    assert site == sound_site(file)[0]


def test_a_change_of_any_file_it_names_is_another_site(file: Path, read: list[Path]) -> None:
    areas, data = file.parent / "areas", file.parent / "data"
    areas.mkdir()
    head, area = TEXT.partition("installations:")[::2]
    (areas / "t1.yaml").write_text(f"installations:{area}", encoding="utf-8")
    file.write_text(f"{head}include: areas\n", encoding="utf-8")
    first = kept_site.kept_site(file, data)
    assert first.files == (str(file), str(areas), str(areas / "t1.yaml"))
    assert kept_site.kept_site(file, data)[0] == first.site
    assert len(read) == 1
    (areas / "t1.yaml").write_text(f"installations:{area}".replace("setpoint: 13", "setpoint: 12"), encoding="utf-8")
    changed = kept_site.kept_site(file, data)
    assert changed.site.installations[0].points[0].alarms[0].setpoint == 12
    (areas / "t2.yaml").write_text("people: [{id: wang}]\n", encoding="utf-8")
    assert len(kept_site.kept_site(file, data).site.people) == 2
    assert len(read) == 3


def test_another_program_reads_the_file_again(file: Path, read: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    kept_site.kept_site(file, file.parent / "data")
    monkeypatch.setattr(kept_site, "JUDGED_KINDS", frozenset({"high"}))
    kept_site.kept_site(file, file.parent / "data")
    assert len(read) == 2


def test_no_flipped_bit_is_believed(file: Path, read: list[Path]) -> None:
    site, *_ = kept_site.kept_site(file, file.parent / "data")
    kept = file.parent / "data" / kept_site.FILE
    whole = kept.read_bytes()
    for place in range(0, len(whole), 7):
        kept.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
        assert kept_site.kept_site(file, file.parent / "data")[0] == site
    assert len(read) == 1 + len(range(0, len(whole), 7))


def test_a_file_that_is_not_there_and_one_with_faults_are_told_each_time(file: Path) -> None:
    data = file.parent / "data"
    with pytest.raises(ConfigError, match="there is no site file"):
        kept_site.kept_site(file.with_name("absent.yaml"), data)
    file.write_text(TEXT.replace("unit: m,", "unit: kPa,"), encoding="utf-8")
    for _ in range(2):
        with pytest.raises(ConfigError, match="kPa"):
            kept_site.kept_site(file, data)
    assert not (data / kept_site.FILE).exists()


def test_a_large_file_is_read_apart_with_the_same_outcome(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_site, "_LARGE_BYTES", 1)
    assert kept_site.kept_site(file, file.parent / "data")[:2] == sound_site(file)
    file.write_text(TEXT.replace("unit: m,", "unit: kPa,"), encoding="utf-8")
    with pytest.raises(ConfigError, match="kPa"):
        kept_site.kept_site(file, file.parent / "data")


def test_a_folder_that_takes_nothing_does_not_stop_the_start(file: Path, read: list[Path]) -> None:
    data = file.parent / "data"
    data.write_text("a file where the folder should be", encoding="utf-8")
    assert kept_site.kept_site(file, data)[0] == sound_site(file)[0]


def test_what_reads_a_site_is_installed_with_the_program() -> None:
    locked = (Path(__file__).parents[2] / "requirements.lock").read_text(encoding="utf-8").lower()
    assert [name for name in kept_site._READ_BY if f"\n{name.lower()}==" not in locked] == []
