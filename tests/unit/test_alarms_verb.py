"""`hazardwatch alarms` puts a consequence under its cause."""

from __future__ import annotations

from typing import Any

from hazardwatch.verbs.alarms import _under_causes


def _listed(**causes: str | None) -> list[str]:
    rows: list[dict[str, Any]] = [
        {"event": {"alarm": alarm}, "marks": {"consequence_of": cause}} for alarm, cause in causes.items()
    ]
    return [one["event"]["alarm"] for one in _under_causes(rows)]


def test_a_consequence_comes_right_under_its_cause_and_its_own_under_it() -> None:
    assert _listed(a=None, b=None, c="a", d="c", e="a") == ["a", "c", "d", "e", "b"]


def test_a_consequence_whose_cause_is_not_listed_keeps_its_place() -> None:
    assert _listed(a=None, b="elsewhere", c=None) == ["a", "b", "c"]
