"""Names of occurrences: who acknowledges one must never be taken to mean another."""

from __future__ import annotations

from alerting.book import Book
from alerting.facts import Facts
from alerting.transitions import begin_occurrence, end_occurrence
from pipeline.model import Command
from tests.oracle.sites import alarm

H = alarm("LT", "H", "high", setpoint=13.2)


def _named(*times: int) -> list[str | None]:
    facts, names = Facts(), []
    for time in times:
        begin_occurrence(facts, H, time)
        names.append(facts.occurrence)
        end_occurrence(facts)
    return names


def test_two_occurrences_of_one_millisecond_have_names_of_their_own() -> None:
    first, second = _named(1_800_000_000_000, 1_800_000_000_000)
    assert first != second


def test_an_alarm_that_was_removed_and_came_back_never_names_an_occurrence_as_before() -> None:
    assert _named(1_800_000_000_000) != _named(1_800_000_060_000)


def test_the_same_history_gives_the_same_names() -> None:
    assert _named(1_800_000_000_000, 1_800_000_001_000) == _named(1_800_000_000_000, 1_800_000_001_000)


def test_names_stay_what_they_are_from_version_to_version() -> None:
    assert _named(1_800_000_000_000) == ["729a028e6ef1508a92ffabdc"]  # a replay by a later version says the same ids
    refused = Command(command="mode", target="TF1/T-9", mode="cleaning", by="li.wei", note="x")
    assert Book().refused("TF1/T-9", refused, 1_800_000_000_000, "x").event_id == "7a46dcd192b71ed3e3097039"
