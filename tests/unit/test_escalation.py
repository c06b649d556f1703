"""Escalation, told as stories: what happened when, and who was rung by it."""

from __future__ import annotations

import pytest

from alerting.escalation import Annunciator
from alerting.routing import Routes
from alerting.telling import Key, Kind, Send
from pipeline.model import Delivery, Event, Judged, Standing
from pipeline.records import BadRecord
from pipeline.site import Channel, Escalation, Site, Step
from tests.alarm_story import HH, MIN, T0, URGENT, H, config, data_of, entry, event, site


class Story:
    """An installation's alarm log as it grows; `rung` are sends as (person, channel, step, round)."""

    def __init__(self, site_: Site | None = None) -> None:
        self.desk = Annunciator("TF1", Routes(site_ or site(), "TF1"))
        self.position = 0
        self.sends: list[Send] = []
        self.stopped: list[tuple[Key, str]] = []

    def says(self, record: Event | Judged | Delivery | Standing | bytes) -> list[tuple[str | None, str, int, int]]:
        """What the entry makes due."""
        self.position += 1
        data = record if isinstance(record, bytes) else data_of(record)
        folded = self.desk.fold(entry(self.position, data))
        self.sends += folded.due
        self.stopped += folded.stopped
        return [(one.key.person, one.key.channel, one.key.step, one.key.round) for one in folded.due]

    def at(self, ms: int) -> list[tuple[str | None, str, int, int]]:
        """A second is judged, `ms` after the beginning."""
        return self.says(Judged(second=T0 + ms, position=self.position))

    def result(self, send: Send, outcome: str = "sent", attempt: int = 1) -> list[tuple[str | None, str, int, int]]:
        """The notifier's record of an attempt."""
        return self.says(result(send, outcome, attempt))


def result(send: Send, outcome: str = "sent", attempt: int = 1) -> Delivery:
    key = send.key
    return Delivery(
        event_id=key.event_id,
        alarm=send.event.alarm,
        occurrence=send.event.occurrence,
        person=key.person,
        channel=key.channel,
        step=key.step,
        round=key.round,
        attempt=attempt,
        outcome=outcome,
        sent_at=T0,
    )


RAISED = event(1, "raised", "UNACK")


def test_a_raised_alarm_rings_the_first_step_at_once() -> None:
    assert Story().says(RAISED) == [("li.wei", "sms", 0, 0)]


def test_each_further_step_rings_when_its_time_has_come_and_not_a_second_earlier() -> None:
    story = Story()
    story.says(RAISED)
    assert story.at(2 * MIN - 1000) == []
    assert story.at(2 * MIN) == [("wang.fang", "sms", 1, 0), ("sun.li", "sms", 1, 0)]
    assert story.at(10 * MIN - 1000) == []
    assert story.at(10 * MIN) == [("chen.jie", "sms", 2, 0), ("chen.jie", "phone", 2, 0)]


def test_the_last_step_is_repeated_until_somebody_takes_it() -> None:
    story = Story()
    story.says(RAISED)
    story.at(10 * MIN)
    assert story.at(15 * MIN - 1000) == []
    assert story.at(15 * MIN) == [("chen.jie", "sms", 2, 1), ("chen.jie", "phone", 2, 1)]
    assert story.at(20 * MIN) == [("chen.jie", "sms", 2, 2), ("chen.jie", "phone", 2, 2)]
    story.says(event(2, "acknowledged", "ACKED", was="UNACK", at=21 * MIN, actor="chen.jie"))
    assert story.at(60 * MIN) == []


def test_after_a_long_silence_each_missed_step_rings_but_only_the_latest_of_the_missed_repeats() -> None:
    story = Story()
    story.says(RAISED)
    rung = story.at(33 * MIN)
    assert [(person, step, round_) for person, _, step, round_ in rung] == [
        ("wang.fang", 1, 0),
        ("sun.li", 1, 0),
        ("chen.jie", 2, 0),
        ("chen.jie", 2, 0),
        ("chen.jie", 2, 4),
        ("chen.jie", 2, 4),
    ]
    assert story.at(34 * MIN) == []
    assert len(story.at(35 * MIN)) == 2


def test_a_taken_alarm_rings_nobody_any_more_and_those_who_were_told_hear_who_took_it() -> None:
    story = Story()
    story.says(RAISED)
    story.result(story.sends[0])
    story.at(2 * MIN)
    story.result(story.sends[1])
    story.result(story.sends[2])
    rung = story.says(event(2, "acknowledged", "ACKED", was="UNACK", at=3 * MIN, actor="wang.fang"))
    assert rung == [("li.wei", "sms", 0, 0), ("sun.li", "sms", 1, 0)]
    assert {one.kind for one in story.sends[-2:]} == {Kind.TAKEN}
    assert story.at(60 * MIN) == []


def test_who_was_never_reached_is_not_told_that_somebody_took_it() -> None:
    story = Story()
    story.says(RAISED)
    story.result(story.sends[0], "failed")
    assert story.says(event(2, "acknowledged", "ACKED", was="UNACK", actor="chen.jie")) == []


def test_what_waits_for_another_try_is_stopped_when_the_alarm_is_taken() -> None:
    story = Story()
    story.says(RAISED)
    story.result(story.sends[0], "retry")
    story.says(event(2, "acknowledged", "ACKED", was="UNACK", at=MIN, actor="li.wei"))
    assert story.stopped == [(story.sends[0].key, "acknowledged")]
    assert story.desk.pending() == []


@pytest.mark.parametrize("state", ["LATCH_UNACK", "RTN_UNACK"])
def test_an_alarm_that_returned_before_anybody_took_it_goes_on_climbing(state: str) -> None:
    story = Story()
    story.says(RAISED)
    assert story.says(event(2, "returned", state, was="UNACK", at=MIN)) == []
    assert [person for person, *_ in story.at(2 * MIN)] == ["wang.fang", "sun.li"]
    assert {one.state for one in story.sends[-2:]} == {state}


@pytest.mark.parametrize("state", ["SHELVED", "SUPPRESSED_BY_DESIGN", "OUT_OF_SERVICE"])
def test_suppression_ends_the_climb_and_nothing_that_happens_meanwhile_rings(state: str) -> None:
    story = Story()
    story.says(RAISED)
    story.says(event(2, "shelved", state, was="UNACK", at=MIN))
    assert story.says(event(3, "returned", state, was=state, at=2 * MIN)) == []
    assert story.says(event(4, "raised", state, was=state, at=3 * MIN, occurrence="o2")) == []
    assert story.at(60 * MIN) == []


@pytest.mark.parametrize("state", ["UNACK", "LATCH_UNACK", "RTN_UNACK"])
def test_an_alarm_that_stands_untaken_after_suppression_is_rung_like_a_new_one(state: str) -> None:
    story = Story()
    story.says(event(1, "raised", "SHELVED", was="SHELVED"))
    rung = story.says(event(2, "unshelved", state, was="SHELVED", at=30 * MIN))
    assert rung == [("li.wei", "sms", 0, 0)]
    assert [person for person, *_ in story.at(32 * MIN)] == ["wang.fang", "sun.li"]


def test_a_realarm_starts_the_climb_anew() -> None:
    story = Story()
    story.says(RAISED)
    story.says(event(2, "acknowledged", "ACKED", was="UNACK", at=MIN, actor="li.wei"))
    assert story.says(event(3, "reraised", "UNACK", was="ACKED", at=16 * MIN)) == [("li.wei", "sms", 0, 0)]
    assert story.sends[-1].key.event_id == "e3"
    assert story.at(17 * MIN) == []
    assert [person for person, *_ in story.at(18 * MIN)] == ["wang.fang", "sun.li"]


def test_an_untaken_alarm_that_flaps_keeps_the_clock_of_its_climb() -> None:
    story = Story()
    story.says(RAISED)
    rung = []
    for n in range(1, 12):
        at = n * 10_000
        rung += story.says(event(2 * n, "returned", "RTN_UNACK", was="UNACK", at=at))
        rung += story.says(event(2 * n + 1, "reraised", "UNACK", was="RTN_UNACK", at=at + 5000))
        rung += story.at(at + 6000)
    assert rung == [("li.wei", "sms", 0, 0)], "told again after a minute, not eleven times"
    assert [person for person, *_ in story.at(2 * MIN)] == ["wang.fang", "sun.li"]


def test_a_newer_message_takes_the_place_of_an_older_one_that_still_waits() -> None:
    story = Story()
    story.says(RAISED)
    story.result(story.sends[0], "retry")
    story.says(event(2, "returned", "RTN_UNACK", was="UNACK", at=MIN))
    story.says(event(3, "reraised", "UNACK", was="RTN_UNACK", at=MIN + 1))
    assert [key.event_id for key, _ in story.stopped] == ["e1"]
    assert [one.key.event_id for one in story.desk.pending()] == ["e3"]


@pytest.mark.parametrize("what", ["refused", "late_excursion"])
def test_what_changes_no_state_neither_starts_nor_restarts_nor_stops_a_climb(what: str) -> None:
    story = Story()
    assert story.says(event(1, what, "UNACK", was="UNACK")) == []
    story.says(event(2, "raised", "UNACK"))
    assert story.says(event(3, what, "UNACK", was="UNACK", at=MIN)) == []
    assert len(story.at(2 * MIN)) == 2


def test_an_alarm_that_asks_for_no_acknowledgement_rings_its_first_step_once() -> None:
    story = Story()
    raised = event(1, "raised", "ACKED", alarm="TF1/LT-101/info")
    assert story.says(raised) == [("li.wei", "sms", 0, 0)]
    assert story.at(60 * MIN) == []


def test_an_alarm_that_asked_for_no_acknowledgement_and_now_does_is_climbed() -> None:
    story = Story()
    story.says(event(1, "raised", "ACKED", alarm="TF1/LT-101/info"))
    again = event(2, "reraised", "UNACK", was="LATCH_ACKED", alarm="TF1/LT-101/info")
    assert story.says(again) == [("li.wei", "sms", 0, 0)]
    assert story.at(60 * MIN) != []


def test_an_alarm_that_asks_for_no_acknowledgement_is_told_even_when_it_is_over_by_then() -> None:
    story = Story()
    story.says(event(1, "raised", "ACKED", alarm="TF1/LT-101/info"))
    story.result(story.sends[0], "retry")
    story.says(event(2, "cleared", "NORMAL", was="ACKED", alarm="TF1/LT-101/info"))
    assert [one.key.event_id for one in story.desk.pending()] == ["e1"]


def test_an_alarm_acknowledged_while_suppressed_is_not_rung_when_that_ends() -> None:
    story = Story()
    assert story.says(event(1, "unsuppressed", "ACKED", was="SUPPRESSED_BY_DESIGN")) == []


def test_always_channels_get_every_event_whatever_its_state() -> None:
    story = Story(site(always=("room",)))
    for seq, (what, state) in enumerate(
        [("raised", "UNACK"), ("shelved", "SHELVED"), ("raised", "SHELVED"), ("refused", None), ("cleared", "NORMAL")],
        1,
    ):
        assert (None, "room", -1, 0) in story.says(event(seq, what, state))


def test_a_drill_rings_nobody_and_no_system() -> None:
    story = Story(site(always=("room",)))
    assert story.says(event(1, "raised", "UNACK", drill="autumn")) == []
    assert story.at(60 * MIN) == []


def test_the_first_escalation_that_fits_is_climbed_and_only_that() -> None:
    first = Escalation(classes=("safety",), steps=(Step(after_ms=0, to="duty", by=("phone",)),))
    elsewhere = Escalation(installations=("TF2",), steps=(Step(after_ms=0, to="team", by=("sms",)),))
    story = Story(site(elsewhere, first, URGENT))
    assert story.says(RAISED) == [("chen.jie", "phone", 0, 0)]
    assert story.says(event(2, "raised", "UNACK", alarm=H, priority="high")) == [("li.wei", "sms", 0, 0)]
    assert story.says(event(3, "raised", "UNACK", alarm="TF1/LT-101/L", priority="low")) == []


@pytest.mark.parametrize(
    ("to", "people"),
    [
        ("owner", ["li.wei"]),
        ("owner+1", ["wang.fang", "sun.li"]),
        ("owner+2", ["chen.jie"]),  # the workshop has nobody: the next above it
        ("owner+9", ["chen.jie"]),  # the chain ends: its top
        ("team", ["wang.fang", "sun.li"]),
        ("sun.li", ["sun.li"]),
    ],
)
def test_a_step_goes_to_a_position_a_person_or_up_from_the_owner(to: str, people: list[str]) -> None:
    story = Story(site(Escalation(steps=(Step(after_ms=0, to=to, by=("sms",)),))))
    assert [person for person, *_ in story.says(RAISED)] == people


def test_a_step_that_leads_to_nobody_is_said_and_the_next_one_rings() -> None:
    nobody = Step(after_ms=0, to="night-shift", by=("sms",))
    story = Story(site(Escalation(steps=(nobody, Step(after_ms=MIN, to="duty", by=("sms",))))))
    story.says(RAISED)
    assert story.sends[0].problem == "night-shift: there is no position or person 'night-shift'"
    assert story.at(MIN) == [("chen.jie", "sms", 1, 0)]


def test_the_second_failed_attempt_brings_in_the_fallback_while_the_first_channel_is_tried_on() -> None:
    story = Story()
    story.says(RAISED)
    assert story.result(story.sends[0], "retry", 1) == []
    assert story.result(story.sends[0], "retry", 2) == [("li.wei", "sms-2", 0, 0)]
    assert story.result(story.sends[0], "retry", 4) == []
    assert [one.key.channel for one in story.desk.pending()] == ["sms", "sms-2"]


@pytest.mark.parametrize("outcome", ["failed", "skipped"])
def test_a_send_that_ends_badly_brings_in_the_fallback_at_once(outcome: str) -> None:
    story = Story()
    story.says(RAISED)
    assert story.result(story.sends[0], outcome) == [("li.wei", "sms-2", 0, 0)]
    assert story.result(story.sends[1], outcome) == []
    assert story.desk.pending() == []


def test_two_channels_with_one_fallback_ring_it_once() -> None:
    story = Story(site(Escalation(steps=(Step(after_ms=0, to="owner", by=("sms", "phone")),))))
    story.says(RAISED)
    assert story.result(story.sends[0], "failed") == [("li.wei", "sms-2", 0, 0)]
    story.result(story.sends[2], "sent")
    assert story.result(story.sends[1], "failed") == []


def test_fallbacks_in_a_circle_end() -> None:
    circle = (
        Channel(id="sms", type="sms_http", fallback="sms-2"),
        Channel(id="sms-2", type="sms_http", fallback="sms"),
    )
    story = Story(site(channels=circle))
    story.says(RAISED)
    story.result(story.sends[0], "failed")
    assert story.result(story.sends[1], "failed") == []


def test_what_an_engine_says_again_after_a_restart_rings_nobody_again() -> None:
    story = Story(site(always=("room",)))
    story.says(RAISED)
    story.says(event(2, "returned", "RTN_UNACK", was="UNACK", at=MIN))
    assert story.says(RAISED) == []
    assert story.says(event(2, "returned", "RTN_UNACK", was="UNACK", at=MIN)) == []
    assert len(story.at(2 * MIN)) == 2


def test_an_entry_read_a_second_time_changes_nothing() -> None:
    story = Story()
    again = entry(1, data_of(RAISED))
    assert len(story.desk.fold(again).due) == 1
    assert story.desk.fold(again).due == ()


def test_an_old_configuration_read_a_second_time_does_not_come_back() -> None:
    story = Story()
    desk = story.desk
    desk.fold(entry(1, config(site(Escalation(steps=(Step(after_ms=0, to="duty", by=("phone",)),))))))
    desk.fold(entry(2, config(site())))
    desk.fold(entry(1, config(site(Escalation(steps=(Step(after_ms=0, to="duty", by=("phone",)),))))))
    assert [one.key.person for one in desk.fold(entry(3, data_of(RAISED))).due] == ["li.wei"]


def test_a_new_configuration_holds_for_the_steps_still_to_come() -> None:
    story = Story()
    story.says(RAISED)
    soon = Escalation(steps=(Step(after_ms=0, to="owner", by=("sms",)), Step(after_ms=MIN, to="duty", by=("phone",))))
    story.says(config(site(soon)))
    assert story.at(MIN) == [("chen.jie", "phone", 1, 0)]


def test_an_alarm_found_standing_untaken_whose_events_were_lost_is_rung() -> None:
    story = Story()
    standing = Standing(position=9, alarms={HH: RAISED, H: event(2, "acknowledged", "ACKED", alarm=H)})
    assert story.says(standing) == [("li.wei", "sms", 0, 0)]
    assert story.says(standing) == []


def test_a_climb_whose_alarm_stands_no_more_is_let_go() -> None:
    story = Story()
    story.says(RAISED)
    story.says(Standing(position=9, alarms={}))
    assert story.at(60 * MIN) == []


def test_what_stood_before_the_events_already_known_is_passed_over() -> None:
    story = Story()
    story.says(event(5, "raised", "UNACK"))
    assert story.says(Standing(position=4, alarms={})) == []
    assert len(story.at(2 * MIN)) == 2


def test_a_snapshot_taken_up_again_goes_on_where_it_was() -> None:
    story = Story(site(always=("room",)))
    story.says(RAISED)
    story.result(story.sends[1])
    story.at(2 * MIN)
    taken_up = Annunciator.restore("TF1", story.desk.routes, story.desk.position, story.desk.snapshot())
    assert taken_up.pending() == story.desk.pending()
    assert taken_up.snapshot() == story.desk.snapshot()
    later = entry(99, data_of(Judged(second=T0 + 10 * MIN, position=99)))
    assert taken_up.fold(later) == story.desk.fold(later)


def test_a_damaged_record_is_said_and_passed_over() -> None:
    story = Story()
    with pytest.raises(BadRecord):
        story.desk.fold(entry(1, b"\x10{"))
    with pytest.raises(BadRecord):
        story.desk.fold(entry(2, b""))
    assert story.desk.fold(entry(3, data_of(RAISED))).due
