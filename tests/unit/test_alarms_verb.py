"""`hazardwatch alarms` puts a consequence under its cause, and says who suppressed what."""

from __future__ import annotations

from typing import Any

from hazardwatch.verbs import holds
from hazardwatch.verbs.alarms import _beneath_gateways, _under_causes


def _listed(**causes: str | None) -> list[str]:
    rows: list[dict[str, Any]] = [
        {"event": {"alarm": alarm}, "marks": {"consequence_of": cause}} for alarm, cause in causes.items()
    ]
    return [one["event"]["alarm"] for one in _under_causes(rows)]


def test_a_consequence_comes_right_under_its_cause_and_its_own_under_it() -> None:
    assert _listed(a=None, b=None, c="a", d="c", e="a") == ["a", "c", "d", "e", "b"]


def test_a_consequence_whose_cause_is_not_listed_keeps_its_place() -> None:
    assert _listed(a=None, b="elsewhere", c=None) == ["a", "b", "c"]


def test_what_lies_beneath_a_lost_gateway_is_counted_at_its_row() -> None:
    gateway = "A/gw/GATEWAY-LOST"
    causes = {gateway: None, "A/L1/STALE": gateway, "A/L2/STALE": gateway, "A/L1/H": "A/L1/HH"}
    rows: list[dict[str, Any]] = [
        {"event": {"alarm": alarm}, "marks": {"consequence_of": cause}} for alarm, cause in causes.items()
    ]
    assert [(one["event"]["alarm"], one["beneath"]) for one in _beneath_gateways(rows)] == [(gateway, 2), ("A/L1/H", 0)]


def test_a_suppression_says_who_for_how_long_how_much_is_left_and_why() -> None:
    hold = {
        "kind": "out_of_service", "age_s": 5_400.0, "left_s": 59.0, "by": "li.wei", "note": "gauge removed",
        "rule": None, "permit": "4711", "overdue": True, "review": "2026-11-22T08:00:00.000Z",
    }  # fmt: skip
    assert holds.told(hold) == (
        "out of service, permit 4711, review overdue since 2026-11-22T08:00:00.000Z by li.wei for 1 h 30 min, "
        "59 s left: gauge removed"
    )
    rule = hold | {"kind": "by_design", "rule": "by-HH", "permit": None, "overdue": False, "by": None, "note": None}
    assert holds.told(rule | {"left_s": None}) == "by design (by-HH) for 1 h 30 min"
