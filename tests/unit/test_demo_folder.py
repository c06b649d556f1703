"""The demo finds free ports, writes its own site, and says commands that work from where the user stands."""

import socket
from pathlib import Path

import pytest

from hazardwatch.demo.folder import HOST, Folder, commands, free_ports, site_text
from hazardwatch.local_access import LocalAccess, announce
from pipeline.errors import ConfigError
from pipeline.sitefile import load
from rules.table import JUDGED_KINDS


def test_a_free_port_is_taken_as_wanted_and_a_used_one_replaced() -> None:
    with socket.socket() as used, socket.socket() as free:
        used.bind((HOST, 0))
        used.listen()
        free.bind((HOST, 0))
        taken, wanted = used.getsockname()[1], free.getsockname()[1]
        free.close()
        first, second = free_ports(taken, wanted)
    assert first != taken
    assert second == wanted
    assert len(set(free_ports(taken, taken, taken))) == 3


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_the_demo_site_is_sound_and_without_a_warning(tmp_path: Path, language: str) -> None:
    file = tmp_path / "site.yaml"
    file.write_text(site_text(language, 12_345), encoding="utf-8")
    loaded = load(file, JUDGED_KINDS, frozenset({"webhook", "sms_http"}))
    assert (loaded.faults, loaded.warnings) == ([], [])
    assert loaded.site is not None
    assert loaded.site.language == language
    assert {person.language for person in loaded.site.people} == {language}
    assert all(channel.url and ":12345/" in channel.url for channel in loaded.site.channels)


def test_every_alarm_of_the_demo_says_what_to_do_in_both_languages(tmp_path: Path) -> None:
    file = tmp_path / "site.yaml"
    file.write_text(site_text("en", 1), encoding="utf-8")
    site = load(file, JUDGED_KINDS, frozenset({"webhook", "sms_http"})).site
    assert site is not None
    process = [
        alarm
        for point in site.installations[0].points
        for alarm in point.alarms
        if alarm.kind not in ("stale", "bad", "late", "clock")
    ]
    assert len(process) > 20
    for alarm in process:
        for text in (alarm.cause, alarm.consequence, alarm.action):
            assert text is not None, alarm.id
            assert text.en != text.zh, alarm.id


def test_commands_are_short_where_the_user_stands_and_whole_elsewhere(tmp_path: Path) -> None:
    told = commands(Path("hazardwatch-demo"), "TF1/GT-101/HH", 4711, tmp_path)
    assert told[0].endswith("alarms --data hazardwatch-demo")
    assert "ack TF1/GT-101/HH --by li.wei --data hazardwatch-demo" in told[1]
    assert "dsn --data hazardwatch-demo" in told[2]
    assert told[3].startswith("kill -9 4711")
    assert len(commands(Path("hazardwatch-demo"), None, None, tmp_path)) == 3
    spaced = commands(Path("/far away/demo"), None, None, tmp_path)
    assert spaced[0].endswith("--data '/far away/demo'")


def test_a_folder_in_which_a_service_answers_is_not_used_twice(tmp_path: Path) -> None:
    with socket.socket() as dead:
        dead.bind((HOST, 0))
        Folder(tmp_path).prepare("en")
        announce(tmp_path, LocalAccess(url=f"http://{HOST}:{dead.getsockname()[1]}", token="t"))
        assert Folder(tmp_path).prepare("en").listen > 0  # one that crashed is no hindrance


def test_a_living_service_in_the_folder_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    announce(tmp_path, LocalAccess(url="http://127.0.0.1:1", token="t"))
    monkeypatch.setattr("hazardwatch.demo.folder.httpx.get", lambda *_, **__: None)
    with pytest.raises(ConfigError, match="already"):
        Folder(tmp_path).prepare("en")


def test_the_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "plant.log").write_text("a real one")
    with pytest.raises(ConfigError, match="something else"):
        Folder(tmp_path).prepare("en")
    assert [file.name for file in tmp_path.iterdir()] == ["plant.log"]
