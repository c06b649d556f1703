"""What the service answers becomes what the screen shows: worst first, in words, fresh or not."""

from pathlib import Path

import msgspec
import pytest

from hazardwatch.demo.answers import Hop, Latest, StandingAlarms
from hazardwatch.demo.rows import alarm_rows, hop_rows, point_rows, seen_by_the_operator, shown
from hazardwatch.demo.state import PointRow
from pipeline.site import Installation, Site
from pipeline.sitefile import load

NOW = 1_795_348_880_000


def site() -> Site:
    loaded = load(Path("simulators/demo_site.yaml"), frozenset(), frozenset())
    assert loaded.site is not None
    return loaded.site


def home() -> Installation:
    return site().installations[0]


def answer(
    alarm: str, state: str, priority: str, value: float, setpoint: float | None, second: int
) -> dict[str, object]:
    time = f"2026-11-22T12:00:{second:02}.000Z"
    event = {
        "event_id": "e",
        "seq": 1,
        "time": time,
        "decided": time,
        "alarm": alarm,
        "state": state,
        "priority": priority,
        "occurrence": "o1",
        "value": value,
        "setpoint": setpoint,
        "unit": "m",
    }
    action = {"en": "Close it", "zh-CN": "关闭"}
    return {
        "event": event,
        "since": time,
        "name": {"en": "Level HH", "zh-CN": "液位 HH"},
        "text": None,
        "guidance": {"cause": None, "consequence": None, "action": action},
    }


ANSWER = msgspec.json.decode(
    msgspec.json.encode(
        {
            "language": "en",
            "warnings": [],
            "alarms": [
                answer("TF1/LT-101/H", "ACKED", "high", 5.3, 5.1, 20),
                answer("TF1/LSHH-101/HH", "UNACK", "critical", 0.0, None, 30),
                answer("TF1/LT-101/HH", "UNACK", "critical", 5.41, 5.4, 40),
                answer("SYSTEM/blind", "RTN_UNACK", "low", 4.0, None, 10),
            ],
        }
    ),
    type=StandingAlarms,
).alarms


def test_what_nobody_has_taken_stands_before_what_somebody_has_and_the_worse_before_the_lesser() -> None:
    rows = alarm_rows(site().installations, ANSWER, "en")
    assert [row.id for row in rows] == ["TF1/LT-101/HH", "TF1/LSHH-101/HH", "SYSTEM/blind", "TF1/LT-101/H"]


def test_values_and_limits_are_told_as_the_point_deserves() -> None:
    rows = {row.id: row for row in alarm_rows(site().installations, ANSWER, "en")}
    assert (rows["TF1/LT-101/HH"].value, rows["TF1/LT-101/HH"].setpoint) == ("5.410", "≥ 5.4")
    assert rows["TF1/LSHH-101/HH"].value == "tripped"
    assert rows["TF1/LT-101/H"].action == "Close it"
    assert alarm_rows(site().installations, ANSWER, "zh-CN")[0].action == "关闭"


def points(latest: dict[str, Latest]) -> dict[str, PointRow]:
    alarms = alarm_rows(site().installations, ANSWER, "en")
    return {row.id: row for row in point_rows(home(), latest, {"LT-101": [1.0, 2.0]}, alarms, NOW, "en")}


def test_a_point_carries_the_colour_of_its_worst_alarm() -> None:
    rows = points({})
    assert (rows["LT-101"].alarm, rows["LT-101"].acknowledged) == ("critical", False)
    assert rows["TT-101"].alarm is None
    assert len(rows) == 22


def test_a_value_that_is_old_or_not_there_is_not_shown_as_fresh() -> None:
    rows = points({"LT-101": Latest(NOW - 1000, 5.4), "LT-102": Latest(NOW - 6000, 3.0), "TT-101": Latest(NOW, None)})
    assert (rows["LT-101"].shown, rows["LT-101"].fresh, rows["LT-101"].trend) == ("5.400", True, (1.0, 2.0))
    assert (rows["LT-102"].shown, rows["LT-102"].fresh) == ("3.000", False)
    assert (rows["GT-101"].shown, rows["GT-101"].fresh) == ("—", False)
    assert rows["TT-101"].shown == "—"


@pytest.mark.parametrize(
    ("point", "value", "words"),
    [("MOV-101", 2.0, "between"), ("LSHH-101", 1.0, "healthy"), ("GT-101", 25.125, "25.1"), ("PT-101", 1.9062, "1.91")],
)
def test_every_quantity_has_its_own_digits(point: str, value: float, words: str) -> None:
    assert shown(next(one for one in home().points if one.id == point), value) == words


def test_refusals_of_all_reasons_are_one_number() -> None:
    [row] = hop_rows([Hop("listener", 10, 7, {"unknown point": 2, "not JSON": 1}, 0)])
    assert (row.received, row.passed, row.refused, row.waiting) == (10, 7, 3, 0)


def test_the_operator_sees_states_and_since_when() -> None:
    seen = seen_by_the_operator(ANSWER)
    assert [(one.alarm, one.state, one.occurrence) for one in seen][1] == ("TF1/LSHH-101/HH", "UNACK", "o1")
    assert seen[2].since_ms - seen[1].since_ms == 10_000
