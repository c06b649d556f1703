"""The commands of a replay: JSON lines -> Command records with their received time. It carries none of them out."""

from __future__ import annotations

import difflib
import heapq
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from hazardwatch.durations import EXPECTED as DURATION_EXPECTED
from hazardwatch.durations import duration_ms
from hazardwatch.recorded_faults import Faults, FileFault, shown
from hazardwatch.recorded_fields import time_ms
from hazardwatch.recorded_rows import json_object
from pipeline.model import Block, Command
from pipeline.site import Site

COMMANDS = (
    "acknowledge",
    "reset",
    "shelve",
    "unshelve",
    "out_of_service",
    "in_service",
    "bypass",
    "mode",
)
_TEXTS = ("command", "by", "alarm", "target", "note", "occurrence", "mode", "permit")
_KEYS = ("time", *_TEXTS, "for", "one_shot", "review")
Timed = tuple[int, str, Command]


def read_commands(file: Path, site: Site, faults: Faults) -> list[Timed]:
    """(received ms, installation, command) in order of time (stable). What is wrong is added to `faults`."""
    found: list[Timed] = []
    try:
        with file.open("rb") as stream:
            for number, line in enumerate(stream, 1):
                if line.strip() and (command := _command(_Line(file, number, faults), line, site)):
                    found.append(command)
    except OSError as error:
        faults.add(FileFault(file, 0, "", error.strerror or str(error), "a file that can be read"))
    return sorted(found, key=lambda one: one[0])


class _Line:
    """One line of the file, telling its faults."""

    def __init__(self, file: Path, number: int, faults: Faults) -> None:
        self._place = (file, number)
        self._faults = faults
        self.good = True

    def wrong(self, field: str, found: str, expected: str) -> None:
        self.good = False
        self._faults.add(FileFault(*self._place, field, found, expected))

    def read(self, field: str, found: object, check: Callable[[Any], int]) -> int:
        try:
            return check(found)
        except ValueError as error:
            self.wrong(field, shown(found), str(error))
            return 0


def _command(line: _Line, text: bytes, site: Site) -> Timed | None:
    row = json_object(text)
    if row is None:
        line.wrong("", shown(text.decode(errors="replace").strip()), "one JSON object per line")
        return None
    _check_keys(line, row)
    received = line.read("time", row.get("time"), time_ms)
    for_ms = None if row.get("for") is None else line.read("for", row["for"], _length)
    review = None if row.get("review") is None else line.read("review", row["review"], time_ms)
    one_shot = row.get("one_shot") or False
    if not isinstance(one_shot, bool):
        line.wrong("one_shot", shown(one_shot), "true or false")
    _check_texts(line, row)
    home = _installation(row, site) if line.good else None
    if not line.good or home is None:
        return None
    texts = {key: row[key] for key in _TEXTS if row.get(key) is not None}
    return received, home, Command(**texts, for_ms=for_ms, one_shot=one_shot, review=review)


def _length(found: object) -> int:
    if isinstance(found, str):
        return duration_ms(found)
    raise ValueError(DURATION_EXPECTED)


def _check_keys(line: _Line, row: dict[str, Any]) -> None:
    for key in row.keys() - set(_KEYS):
        near = difflib.get_close_matches(key, _KEYS, 1)
        line.wrong(key, "an unknown key", f"{near[0]} (did you mean that?)" if near else "one of " + ", ".join(_KEYS))


def _check_texts(line: _Line, row: dict[str, Any]) -> None:
    for key in _TEXTS:
        if row.get(key) is not None and not isinstance(row[key], str):
            line.wrong(key, shown(row[key]), "text")
    word = row.get("command")
    if word not in COMMANDS:
        near = difflib.get_close_matches(str(word), COMMANDS, 1, 0.5)
        line.wrong(
            "command", shown(word), "one of " + ", ".join(COMMANDS) + (f" (did you mean {near[0]}?)" if near else "")
        )
    if not row.get("by"):
        line.wrong("by", shown(row.get("by")), "the id of a person")
    if (row.get("alarm") is None) == (row.get("target") is None):
        line.wrong("alarm", "both or neither of alarm and target", "an alarm, or a target (point or equipment)")


def _installation(row: dict[str, Any], site: Site) -> str | None:
    """The installation whose log the command goes into; the engine judges all behind it.

    One that the site does not have is an unknown alarm or target like any other: the first installation's engine
    refuses it, so that the events show it. None: a site without installations.
    """
    home = str(row.get("alarm") or row.get("target")).partition("/")[0]
    ids = [one.id for one in site.installations]
    return home if home in ids else next(iter(ids), None)


def merged(
    blocks: Iterable[tuple[int, str, Block]], commands: Iterable[Timed]
) -> Iterator[tuple[int, str, Block | Command]]:
    """Both in order of received time; commands at a received time come after its readings."""
    return heapq.merge(blocks, commands, key=lambda record: record[0])
