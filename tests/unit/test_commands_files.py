"""Commands of a replay: read, checked all at once, merged behind the readings of their time."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from hazardwatch.commands_files import merged, read_commands
from hazardwatch.recorded_faults import Faults
from pipeline.model import Block, Command
from pipeline.site import Installation, Site, Text

NAME = Text(en="x", zh="x")
SITE = Site(id="s", name=NAME, installations=(Installation(id="TF1", name=NAME),))


def read(folder: Path, *lines: object) -> tuple[list[tuple[int, str, Command]], list[str]]:
    file = folder / "commands.jsonl"
    file.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines), encoding="utf-8")
    faults = Faults()
    commands = read_commands(file, SITE, faults)
    return commands, [str(fault).partition("jsonl:")[2] for fault in faults.first]


def test_commands_are_read_whole_and_put_in_order_of_time(tmp_path: Path) -> None:
    commands, faults = read(
        tmp_path,
        {
            "time": 2000,
            "command": "mode",
            "target": "TF1/T-101",
            "mode": "cleaning",
            "by": "li.wei",
            "note": "n",
            "for": "4h",
        },
        {
            "time": "1970-01-01T00:00:01Z",
            "command": "acknowledge",
            "alarm": "TF1/LT/HH",
            "by": "li.wei",
            "occurrence": "o",
        },
        "",
        {"time": 2000, "command": "shelve", "alarm": "TF1/LT/H", "by": "li.wei", "for": "30min", "one_shot": True},
    )
    assert faults == []
    assert commands == [
        (1000, "TF1", Command(command="acknowledge", alarm="TF1/LT/HH", by="li.wei", occurrence="o")),
        (
            2000,
            "TF1",
            Command(command="mode", target="TF1/T-101", mode="cleaning", by="li.wei", note="n", for_ms=14_400_000),
        ),
        (2000, "TF1", Command(command="shelve", alarm="TF1/LT/H", by="li.wei", for_ms=1_800_000, one_shot=True)),
    ]


def test_a_command_for_an_unknown_installation_goes_where_it_will_be_refused(tmp_path: Path) -> None:
    line = {"time": 1000, "command": "acknowledge", "alarm": "TF2/LT/HH", "by": "li.wei"}
    commands, faults = read(tmp_path, line)
    assert faults == []
    assert commands == [(1000, "TF1", Command(command="acknowledge", alarm="TF2/LT/HH", by="li.wei"))]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"command": "acknowledged"}, "1: command: found 'acknowledged', expected one of acknowledge,"),
        ({"time": "2026-11-22T08:00:00"}, "1: time: found '2026-11-22T08:00:00'"),
        ({"time": None}, "1: time: found None"),
        ({"for": "30"}, "1: for: found '30', expected a length of time"),
        ({"for": 30}, "1: for: found 30, expected a length of time"),
        ({"one_shot": "yes"}, "1: one_shot: found 'yes', expected true or false"),
        ({"by": None}, "1: by: found None, expected the id of a person"),
        ({"note": 5}, "1: note: found 5, expected text"),
        ({"ocurrence": "o"}, "1: ocurrence: found an unknown key, expected occurrence (did you mean that?)"),
        ({"target": "TF1/P"}, "1: alarm: found both or neither"),
        ({"alarm": None}, "1: alarm: found both or neither"),
    ],
)
def test_every_fault_of_a_command_is_named(tmp_path: Path, change: dict[str, object], expected: str) -> None:
    good = {"time": 1000, "command": "acknowledge", "alarm": "TF1/LT/HH", "by": "li.wei"}
    commands, faults = read(tmp_path, good | change)
    assert commands == []
    assert len(faults) == 1
    assert faults[0].startswith(expected)


def test_a_line_that_is_no_object_is_a_fault(tmp_path: Path) -> None:
    assert read(tmp_path, "ack!")[1] == ["1: found 'ack!', expected one JSON object per line"]


def test_commands_come_after_the_readings_of_their_time() -> None:
    block = Block(("A",), np.zeros(1, np.uint16), np.zeros(1, np.int64), np.zeros(1), np.zeros(1, np.uint8))
    ack = Command(command="acknowledge", alarm="TF1/A/H", by="li.wei")
    order = list(merged([(1, "TF1", block), (2, "TF1", block)], [(1, "TF1", ack), (1, "TF1", ack), (3, "TF1", ack)]))
    assert [(when, type(what)) for when, _, what in order] == [
        (1, Block),
        (1, Command),
        (1, Command),
        (2, Block),
        (3, Command),
    ]
