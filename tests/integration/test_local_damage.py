"""A damaged local log says so: nothing it returns is ever other than what was appended, and it never starts empty."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import ConfigError
from pipeline.local_catalogue import Catalogue
from pipeline.local_housekeeping import Retention
from pipeline.local_log import LocalLog
from pipeline.local_sqlite import LogDamaged
from pipeline.log import ALARM, PLANT, Entry, Snapshot

SMALL = Retention(ballast_bytes=0, segment_bytes=100_000)
COUNT = 90
bits = st.integers(1, 255)


@dataclass(frozen=True)
class Whole:
    """A log that was closed in order, and what is in it (175 kB: not to be printed)."""

    folder: Path
    entries: list[Entry] = field(repr=False)


async def write(folder: Path) -> None:
    async with LocalLog.open(folder, lambda: 1000, retention=SMALL) as log:
        for n in range(COUNT // 3):
            await log.append(PLANT, [("AB"[m % 2], b"%d" % m * 1000) for m in range(n * 3, n * 3 + 3)])
        await log.append(ALARM, [("A", b"event")])
        await log.claim(PLANT, "engine", "A", 40)


async def read(folder: Path) -> list[Entry]:
    """Everything, and the ends. Raises ConfigError, LogDamaged."""
    async with LocalLog.open(folder, retention=SMALL) as log:
        reader = log.reader(PLANT, {})
        entries: list[Entry] = []
        while batch := await reader.fetch(0):
            entries += batch
        for installation in "AB":
            mine = [entry for entry in entries if entry.installation == installation]
            assert await log.last(PLANT, [installation]) == {installation: mine[-1]}
            behind = log.reader(PLANT, {"A": 40, "B": 40})
        resumed = await behind.fetch(0)
        assert resumed == [entry for entry in entries if entry.position > 40][: len(resumed)]
        await log.append(PLANT, [("A", b"goes on")])
        return entries


@pytest.fixture(scope="module")
def whole() -> Iterator[Whole]:
    """A log of several segments, closed in order, and what is in it."""
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(write(Path(folder) / "log"))
        shutil.copytree(Path(folder) / "log", Path(folder) / "copy")
        entries = asyncio.run(read(Path(folder) / "copy"))
        assert len(entries) == COUNT
        yield Whole(Path(folder) / "log", entries)


def segments(folder: Path) -> list[Path]:
    return sorted(folder.glob("plant-*.db"))


def test_the_log_under_test_has_several_segments(whole: Whole) -> None:
    assert len(segments(whole.folder)) >= 3


@settings(max_examples=150, deadline=None)
@given(
    which=st.integers(0, 3), within=st.sampled_from([100, 2_000, 16_384, 10**9]), at=st.integers(0, 10**9), bits=bits
)
def test_after_flipped_bytes_it_returns_what_was_appended_or_says_what_is_damaged(
    whole: Whole, which: int, within: int, at: int, bits: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "log"
        shutil.copytree(whole.folder, copy)
        path = [copy / "log.db", *segments(copy)][which]
        raw = bytearray(path.read_bytes())
        raw[at % min(within, len(raw))] ^= bits
        path.write_bytes(raw)
        try:
            assert asyncio.run(read(copy)) == whole.entries
        except (LogDamaged, ConfigError) as error:
            assert str(copy) in str(error)  # noqa: PT017 - either outcome is right, but an error must name the file


@pytest.mark.parametrize("keep", [0, 1, 100, 16384, 20000])
@pytest.mark.parametrize("which", [0, 1, -1])
def test_a_cut_file_is_named(whole: Whole, tmp_path: Path, which: int, keep: int) -> None:
    copy = tmp_path / "log"
    shutil.copytree(whole.folder, copy)
    path = segments(copy)[which]
    with path.open("r+b") as file:
        file.truncate(keep)
    with pytest.raises((LogDamaged, ConfigError), match=rf"{path.name}.*restore this file from a backup"):
        asyncio.run(read(copy))


@pytest.mark.parametrize("which", [0, 1, -1])
def test_a_missing_segment_is_named(whole: Whole, tmp_path: Path, which: int) -> None:
    copy = tmp_path / "log"
    shutil.copytree(whole.folder, copy)
    segments(copy)[which].unlink()
    with pytest.raises((LogDamaged, ConfigError), match="missing"):
        asyncio.run(read(copy))


def test_a_missing_catalogue_is_not_begun_anew(whole: Whole, tmp_path: Path) -> None:
    copy = tmp_path / "log"
    shutil.copytree(whole.folder, copy)
    (copy / "log.db").unlink()
    with pytest.raises(ConfigError, match=r"log\.db: the file is missing, but files of a log are there"):
        asyncio.run(read(copy))


@pytest.mark.parametrize("change", ["UPDATE topic SET oldest = 60", "UPDATE claim SET position = 80"])
def test_a_damaged_catalogue_deletes_nothing(whole: Whole, tmp_path: Path, change: str) -> None:
    copy = tmp_path / "log"
    shutil.copytree(whole.folder, copy)
    with sqlite3.connect(copy / "log.db") as db:
        db.execute(change)
    db.close()
    with pytest.raises(ConfigError, match=r"log\.db.*is damaged"):
        asyncio.run(read(copy))
    assert len(segments(copy)) == len(segments(whole.folder))


def test_a_log_that_ends_before_what_a_reader_has_read_is_refused(tmp_path: Path) -> None:
    async def go_on() -> None:
        async with LocalLog.open(tmp_path, retention=SMALL) as log:
            [position] = await log.append(PLANT, [("A", b"more")])
            await log.claim(PLANT, "engine", "A", position)

    asyncio.run(go_on())
    [newest] = segments(tmp_path)
    shutil.copy(newest, tmp_path / "older")
    asyncio.run(go_on())
    (tmp_path / "older").replace(newest)  # as a disk does that lost its last writes
    with pytest.raises(ConfigError, match="ends at position 1, but engine has read A up to 2"):
        asyncio.run(go_on())


def test_a_crash_between_a_new_segment_and_the_catalogue_loses_nothing(tmp_path: Path) -> None:
    asyncio.run(write(tmp_path))
    firsts = [int(path.stem[-20:]) for path in segments(tmp_path)]
    catalogue = Catalogue(tmp_path, read_only=False)
    catalogue.begun(PLANT, firsts[-2])
    catalogue.close()
    assert len(asyncio.run(read(tmp_path))) == COUNT
    assert len(asyncio.run(read(tmp_path))) == COUNT + 1


def test_a_crash_in_the_middle_of_trimming_is_finished(tmp_path: Path) -> None:
    asyncio.run(write(tmp_path))
    firsts = [int(path.stem[-20:]) for path in segments(tmp_path)]
    catalogue = Catalogue(tmp_path, read_only=False)
    catalogue.save_trim(PLANT, firsts[1], [])
    catalogue.close()
    entries = asyncio.run(read(tmp_path))
    assert entries[0].position == firsts[1]
    assert int(segments(tmp_path)[0].stem[-20:]) == firsts[1]


def test_a_damaged_snapshot_is_passed_over_for_the_one_before(tmp_path: Path) -> None:
    async def save() -> None:
        async with LocalLog.open(tmp_path, retention=SMALL) as log:
            for position in (1, 2, 3):
                await log.save_snapshot("engine", "A", Snapshot(position, b"state %d" % position))

    async def load() -> Snapshot | None:
        async with LocalLog.open(tmp_path, retention=SMALL) as log:
            return await log.load_snapshot("engine", "A")

    asyncio.run(save())
    older, newest = sorted((tmp_path / "snapshots").iterdir())
    good = newest.read_bytes()
    for bad in (
        b"",
        good[:20],
        good[:8] + b"\x09" + good[9:],
        good[:-1],
        good + b"x",
        good[:-1] + b"x",
        bytes([good[0] ^ 1]) + good[1:],
    ):
        newest.write_bytes(bad)
        assert asyncio.run(load()) == Snapshot(2, b"state 2")
    newest.write_bytes(good)
    assert asyncio.run(load()) == Snapshot(3, b"state 3")
    older.write_bytes(b"")
    newest.write_bytes(b"")
    assert asyncio.run(load()) is None
