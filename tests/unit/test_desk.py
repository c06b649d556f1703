"""The simulated operator does what a person would, not sooner and not twice."""

import pytest

from simulators.desk import Deed, Seen, deeds
from simulators.scenario import Reaction

NOW = 1_000_000
REACTION = Reaction(acknowledge_s=8, reset_s=10)


def at(state: str, waited_s: float) -> list[Deed]:
    return deeds([Seen("TF1/GT-101/HH", state, "o1", NOW - int(waited_s * 1000))], NOW, REACTION)


@pytest.mark.parametrize("state", ["UNACK", "RTN_UNACK", "LATCH_UNACK"])
def test_an_unacknowledged_alarm_is_acknowledged_when_its_time_has_come(state: str) -> None:
    assert at(state, 7.9) == []
    assert [(deed.command, deed.occurrence) for deed in at(state, 8)] == [("acknowledge", "o1")]


def test_a_latched_alarm_is_reset_once_it_was_acknowledged_and_its_cause_is_gone() -> None:
    assert at("LATCH_ACKED", 9.9) == []
    assert [deed.command for deed in at("LATCH_ACKED", 10)] == ["reset"]


@pytest.mark.parametrize("state", ["NORMAL", "ACKED", "SHELVED", "OUT_OF_SERVICE", "SUPPRESSED_BY_DESIGN"])
def test_everything_else_is_left_alone(state: str) -> None:
    assert at(state, 3600) == []
