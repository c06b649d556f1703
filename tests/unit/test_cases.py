"""Every folder of tests/cases, written from the contract's words: its files replayed give the events expected.

A folder holds site.yaml, readings*.* (any format that `replay` reads), perhaps commands.jsonl and until.txt, and
expected.jsonl: of each event the keys that the contract determines, in order, by installation.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hazardwatch.verbs.replay import replay

FOLDER = Path(__file__).parent.parent / "cases"
CASES = sorted(path.parent for path in FOLDER.glob("*/expected.jsonl"))


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.name))
def test_a_replay_gives_the_events_that_the_contract_determines(case: Path, tmp_path: Path) -> None:
    commands, until = case / "commands.jsonl", case / "until.txt"
    replay(
        [case / "site.yaml", *sorted(case.glob("readings*"))],
        commands=commands if commands.exists() else None,
        until=until.read_text().strip() if until.exists() else None,
        out=tmp_path / "events.jsonl",
    )
    told, expected = lines(tmp_path / "events.jsonl"), lines(case / "expected.jsonl")
    for installation in sorted({event["alarm"].partition("/")[0] for event in [*told, *expected]}):
        happened = [event for event in told if event["alarm"].partition("/")[0] == installation]
        wanted = [event for event in expected if event["alarm"].partition("/")[0] == installation]
        assert [brief(event) for event in happened] == [brief(event) for event in wanted]
        for event, want in zip(happened, wanted, strict=True):
            assert {key: event[key] for key in want} == want


def brief(event: dict[str, Any]) -> str:
    return f"{event['time'][11:]} {event['decided'][11:]} {event['event']} {event['alarm']} {event['state']}"


def test_the_folder_is_there() -> None:
    assert len(CASES) >= 120
