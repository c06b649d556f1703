"""Out of service once more: what was written down for the work is not lost when its end is moved."""

from __future__ import annotations

from alerting.book import Book
from alerting.facts import Facts, Outage
from alerting.suppressing import take_out
from pipeline.model import Command
from tests.engine_play import Player
from tests.oracle.sites import INSTALLATION, alarm, point, site
from tests.stories import asked, at, got, r

H = alarm("LT", "H", "high", setpoint=12.5)


def _out(*outages: Outage) -> Outage | None:
    facts = Facts()
    for outage in outages:
        take_out(facts, outage)
    return facts.out_of_service


FIRST = Outage(10_000, since=1_000, by="li.wei", note="pump", permit="P-1", review=5_000)


def test_a_later_end_keeps_permit_and_review_where_no_others_are_given() -> None:
    longer = Outage(20_000, since=2_000, by="wang.fang", note="still")
    assert _out(FIRST, longer) == Outage(20_000, 1_000, "wang.fang", "still", "P-1", 5_000)


def test_a_later_end_brings_its_own_permit_and_review() -> None:
    longer = Outage(20_000, since=2_000, by="wang.fang", note="still", permit="P-2", review=15_000)
    assert _out(FIRST, longer) == Outage(20_000, 1_000, "wang.fang", "still", "P-2", 15_000)


def test_an_earlier_end_changes_nothing() -> None:
    assert _out(FIRST, Outage(9_000, since=2_000, by="wang.fang", permit="P-2")) == FIRST


def test_what_is_refused_about_no_alarm_has_a_name_of_its_own_all_the_same() -> None:
    book = Book()
    refused = Command(command="mode", target="TF1/T-9", mode="cleaning", by="li.wei", note="x")
    ids = [book.refused("TF1/T-9", refused, 1_800_000_000_000, "unknown_equipment").event_id for _ in range(2)]
    assert all(ids)
    assert ids[0] != ids[1]


def test_who_takes_it_out_with_what_permit_and_review_is_shown_as_it_was_said() -> None:
    player = Player(site(point("LT", (H,))), INSTALLATION, replay=False)
    work = {"note": "pump", "for_ms": 60_000, "permit": "P-1", "review": at(30)}
    player.take(got(0, r("LT", 0, 5.0)))
    player.take(asked(1, "out_of_service", "LT/H", **work))
    [hold] = player.engine.held([H.id]).alarms[H.id]
    assert (hold.by, hold.since, hold.until) == ("li.wei", at(1), at(61))
    assert (hold.note, hold.permit, hold.review) == ("pump", "P-1", at(30))
