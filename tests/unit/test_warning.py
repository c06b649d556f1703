"""Graded warnings told as stories: which level stands, who signed it, what it takes to clear it."""

from __future__ import annotations

import msgspec
import pytest

from alerting.grading import Grader
from alerting.warning import CLEARED_AFTER_MS, InstallationWarning, WarningState
from pipeline.model import WarningAct, WarningEvent
from pipeline.site import Alarm, Installation, Point, Priority, Text, TimeToLimit, WarningRule
from tests.alarm_story import MIN, T0, event

PEOPLE = frozenset({"li.wei", "wang.fang"})


def _alarm(name: str, priority: Priority, *, within_ms: int | None = None) -> Alarm:
    limit = None
    if within_ms:
        limit = TimeToLimit(limit=13.0, within_ms=within_ms, window_ms=MIN, min_rate=0.1, per_ms=60 * MIN)
    return Alarm(
        id=f"TF1/{name}",
        name=name,
        point="P",
        kind="high",
        alarm_class="process",
        priority=priority,
        time_to_limit=limit,
    )


FARM = Installation(
    id="TF1",
    name=Text(en="Tank farm", zh="罐区"),
    points=(
        Point(
            id="P",
            name=Text(en="P", zh="P"),
            quantity="level",
            unit="m",
            alarms=(
                _alarm("low", "low"),
                _alarm("high", "high"),
                _alarm("high2", "high"),
                _alarm("critical", "critical"),
                _alarm("to-HH", "high", within_ms=15 * MIN),
            ),
        ),
    ),
    alarms=(
        Alarm(id="TF1/gas-confirmed", name="gas-confirmed", kind="vote", alarm_class="safety", priority="critical"),
    ),
)
RULES = (
    WarningRule(level="blue"),
    WarningRule(level="yellow", priority="high"),
    WarningRule(level="orange", priority="high", count=2),
    WarningRule(level="orange", time_to_limit_ms=15 * MIN),
    WarningRule(level="orange", priority="critical"),
    WarningRule(level="red", alarms=("*/gas-confirmed",)),
    WarningRule(level="red", priority="critical", unacknowledged=True, lasting_ms=5 * MIN),
)


class Shift:
    """One installation's warning as the log goes on; every step goes through a snapshot."""

    def __init__(self, rules: tuple[WarningRule, ...] = RULES) -> None:
        self.state = WarningState()
        self.rules = rules
        self.number = 0

    def _warning(self) -> InstallationWarning:
        self.state = msgspec.json.decode(msgspec.json.encode(self.state), type=WarningState)
        return InstallationWarning("TF1", Grader(self.rules, FARM), PEOPLE, self.state)

    def alarm(self, name: str, what: str, state: str, at: int = 0, by: str | None = None) -> list[str]:
        self.number += 1
        told = event(self.number, what, state, alarm=f"TF1/{name}", at=at, actor=by)
        return _short(self._warning().event(told))

    def passed(self, at: int) -> list[str]:
        return _short(self._warning().passed(T0 + at))

    def act(self, act: str, by: str = "li.wei", **said: str) -> list[WarningEvent]:
        warning = self.state.warning.id if self.state.warning else "none"
        return self._warning().act(WarningAct(**({"warning": warning, "act": act, "by": by} | said)), T0)


def _short(events: list[WarningEvent]) -> list[str]:
    return [f"{one.event} {one.level} {one.actor or ''}".strip() for one in events]


def test_the_gravest_rule_that_holds_makes_the_level_and_rises_with_it() -> None:
    shift = Shift()
    assert shift.alarm("low", "raised", "UNACK") == ["issued blue"]
    assert shift.alarm("high", "raised", "UNACK") == ["raised yellow"]
    assert shift.alarm("high2", "raised", "UNACK") == ["raised orange"]
    assert shift.alarm("gas-confirmed", "raised", "UNACK") == ["raised red"]


def test_a_time_to_limit_alarm_counts_by_the_time_that_it_warns_ahead() -> None:
    assert Shift().alarm("to-HH", "raised", "UNACK") == ["issued orange"]


def test_suppressed_and_returned_alarms_make_no_warning() -> None:
    shift = Shift()
    assert shift.alarm("high", "raised", "SHELVED") == []
    assert shift.alarm("high", "unshelved", "RTN_UNACK") == []


def test_the_level_is_lowered_when_the_graver_alarm_returns() -> None:
    shift = Shift()
    shift.alarm("low", "raised", "UNACK")
    shift.alarm("high", "raised", "UNACK")
    assert shift.alarm("high", "returned", "RTN_UNACK") == ["lowered blue"]


def test_taking_a_causing_alarm_signs_the_warning_and_nobody_clicks_twice() -> None:
    shift = Shift()
    shift.alarm("high", "raised", "UNACK")
    assert shift.alarm("high", "acknowledged", "ACKED", by="li.wei") == ["signed yellow li.wei"]
    assert shift.alarm("low", "raised", "UNACK") == []
    assert shift.alarm("low", "acknowledged", "ACKED", by="wang.fang") == []


def test_taking_an_alarm_that_does_not_make_the_level_signs_nothing() -> None:
    shift = Shift()
    shift.alarm("low", "raised", "UNACK")
    shift.alarm("high", "raised", "UNACK")
    assert shift.alarm("low", "acknowledged", "ACKED", by="li.wei") == []


def test_a_level_reached_by_alarms_that_were_taken_before_is_signed_at_once() -> None:
    shift = Shift()
    shift.alarm("high", "raised", "UNACK")
    shift.alarm("high", "acknowledged", "ACKED", by="li.wei")
    assert shift.alarm("high2", "raised", "UNACK") == ["raised orange", "signed orange li.wei"]


def test_time_alone_raises_the_level_where_a_rule_says_so() -> None:
    shift = Shift()
    assert shift.alarm("critical", "raised", "UNACK") == ["issued orange"]
    assert shift.passed(5 * MIN - 1000) == []
    assert shift.passed(5 * MIN) == ["raised red"]
    assert shift.alarm("critical", "acknowledged", "ACKED", 6 * MIN, by="li.wei") == [
        "lowered orange",
        "signed orange li.wei",
    ]


def test_time_alone_issues_a_warning_where_only_alarms_that_last_make_one() -> None:
    shift = Shift((WarningRule(level="red", priority="critical", lasting_ms=5 * MIN),))
    assert shift.alarm("critical", "raised", "UNACK") == []
    assert shift.passed(5 * MIN - 1000) == []
    assert shift.passed(5 * MIN) == ["issued red"]


def test_yellow_and_blue_clear_by_themselves_ten_minutes_after_the_last_alarm() -> None:
    shift = Shift()
    shift.alarm("high", "raised", "UNACK")
    assert shift.alarm("high", "returned", "RTN_UNACK", MIN) == []
    assert shift.passed(MIN + CLEARED_AFTER_MS - 1000) == []
    assert shift.passed(MIN + CLEARED_AFTER_MS) == ["cleared None"]
    assert shift.state.warning is None


def test_an_alarm_that_comes_again_within_the_ten_minutes_keeps_the_warning() -> None:
    shift = Shift()
    shift.alarm("high", "raised", "UNACK")
    shift.alarm("high", "returned", "RTN_UNACK", MIN)
    assert shift.alarm("high", "reraised", "UNACK", 5 * MIN) == []
    assert shift.passed(20 * MIN) == []


@pytest.mark.parametrize("alarm", ["critical", "gas-confirmed"], ids=["orange", "red"])
def test_red_and_orange_wait_for_a_verdict_with_a_cause(alarm: str) -> None:
    shift = Shift()
    shift.alarm(alarm, "raised", "UNACK")
    shift.alarm(alarm, "acknowledged", "NORMAL", MIN, by="li.wei")
    assert shift.passed(60 * MIN) == []
    assert [one.reason for one in shift.act("verify", verdict="true")] == ["cause_missing"]
    [verified] = shift.act("verify", verdict="true", cause="valve MOV-101 stuck", by="wang.fang")[-1:]
    assert (verified.event, verified.verdict, verified.cause) == ("verified", "true", "valve MOV-101 stuck")
    assert shift.passed(60 * MIN + 1000) == ["cleared None"]


def test_a_verdict_on_a_lower_level_does_not_serve_a_graver_one() -> None:
    shift = Shift()
    shift.alarm("critical", "raised", "UNACK")
    shift.act("verify", verdict="false", cause="calibration gas")
    shift.alarm("gas-confirmed", "raised", "UNACK")
    assert shift.state.warning is not None
    assert shift.state.warning.asks_verdict


def test_disposal_and_feedback_are_on_record_and_whoever_acts_has_signed() -> None:
    shift = Shift()
    shift.alarm("high", "raised", "UNACK")
    done = shift.act("dispose", note="transfer stopped")
    assert _short(done) == ["signed yellow li.wei", "disposed yellow li.wei"]
    assert [one.time for one in done] == [T0, T0]
    assert _short(shift.act("feed_back", note="valve repaired")) == ["fed_back yellow li.wei"]


def test_what_cannot_be_is_refused_with_its_reason() -> None:
    shift = Shift()
    assert [(one.event, one.reason, one.level) for one in shift.act("verify")] == [("refused", "unknown_warning", None)]
    shift.alarm("high", "raised", "UNACK")
    assert [one.reason for one in shift.act("verify", by="nobody", verdict="true")] == ["unknown_person"]
    assert [one.reason for one in shift.act("verify", verdict="maybe")] == ["unknown_verdict"]
    assert [one.reason for one in shift.act("dispose")] == ["note_missing"]


def test_every_warning_has_a_name_of_its_own_and_changes_are_numbered_through() -> None:
    shift = Shift()
    names = set()
    for hour in range(3):
        at = hour * 60 * MIN
        shift.alarm("high", "raised", "UNACK", at)
        assert shift.state.warning is not None
        names.add(shift.state.warning.id)
        shift.alarm("high", "returned", "RTN_UNACK", at + MIN)
        shift.passed(at + MIN + CLEARED_AFTER_MS)
    assert len(names) == 3
    assert {len(name) for name in names} == {32}
    assert shift.state.seq == 6
