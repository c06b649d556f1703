"""An alarm that waits because another one tells its story is told as soon as that one does so no longer."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from alerting.escalation import Annunciator
from alerting.routing import Routes
from alerting.telling import Send
from pipeline import records
from pipeline.model import Standing
from pipeline.site import Alarm, Site
from tests.alarm_story import HH, MIN, H, entry, event
from tests.unit.test_escalation_floods import LOST, GatewayNight, Night, farm

Change = Callable[[Alarm], Alarm | None]


def changed(made: Site, change: Change) -> Site:
    """The site with another HH, or none."""
    here = made.installations[0]
    points = tuple(
        msgspec.structs.replace(
            point,
            alarms=tuple(new for one in point.alarms if (new := change(one) if one.id == HH else one) is not None),
        )
        for point in here.points
    )
    return msgspec.structs.replace(made, installations=(msgspec.structs.replace(here, points=points),))


def risen() -> Night:
    """H waits: HH tells of it, and was taken."""
    night = Night()
    night.tells(H, "raised", "UNACK", 0, priority="high")
    night.tells(HH, "raised", "UNACK", 1_000, priority="critical")
    night.tells(HH, "acknowledged", "ACKED", 2_000, priority="critical", by="li.wei")
    night.taken()
    return night


def configure(night: Night, site: Site) -> None:
    night.number += 1
    night.due += night.desk.fold(entry(night.number, records.encode_site(site))).due
    night.routes = Routes(site, "TF1")
    night.desk = Annunciator.restore("TF1", night.routes, night.desk.position, night.desk.snapshot())


def names(sends: list[Send]) -> set[str]:
    return {send.event.alarm for send in sends}


@pytest.mark.parametrize(
    "change",
    [
        lambda _: None,
        lambda one: msgspec.structs.replace(one, priority="low"),
        lambda one: msgspec.structs.replace(one, ack_required=False),
        lambda one: msgspec.structs.replace(one, setpoint=12.0),
    ],
    ids=["removed", "made less urgent", "not to be acknowledged", "moved below"],
)
def test_a_configuration_in_which_nobody_tells_of_it_any_more_sets_it_going(change: Change) -> None:
    night = risen()
    configure(night, changed(farm(), change))
    night.at(3 * MIN)
    assert names(night.taken()) == {H}


def test_a_graver_alarm_removed_from_the_configuration_leaves_the_milder_climbing() -> None:
    night = risen()
    configure(night, changed(farm(), lambda _: None))
    night.tells(HH, "cleared", "NORMAL", 3_000, priority="critical")
    night.at(3 * MIN)
    assert names(night.taken()) == {H}


def test_a_graver_alarm_that_is_found_not_standing_leaves_the_milder_climbing() -> None:
    night = risen()
    milder = event(1, "raised", "UNACK", at=0, alarm=H, priority="high", occurrence=f"o-{H}")
    night.number += 1
    standing = records.encode(Standing(position=night.number, alarms={H: milder}))
    night.due += night.desk.fold(entry(night.number, standing)).due
    night.at(3 * MIN)
    assert names(night.taken()) == {H}


def test_a_latch_that_was_taken_and_waits_for_its_reset_tells_no_story() -> None:
    night = Night()
    night.tells(HH, "raised", "UNACK", 0, priority="critical")
    night.tells(HH, "acknowledged", "ACKED", 1_000, priority="critical", by="li.wei")
    night.tells(HH, "returned", "LATCH_ACKED", 2_000, priority="critical")
    night.taken()
    night.tells(H, "raised", "UNACK", 60 * MIN, priority="high")
    assert names(night.taken()) == {H}


def test_an_alarm_of_samples_does_not_wait_behind_one_that_waits_for_a_lost_gateway() -> None:
    night = GatewayNight()
    night.tells(H, "raised", "UNACK", 0, priority="high")
    night.tells(LOST, "raised", "UNACK", 5_000, priority="critical")
    night.trips(HH, 6_000)
    night.tells(LOST, "acknowledged", "ACKED", 10_000, priority="critical", by="li.wei")
    night.taken()
    night.at(3 * MIN)
    assert names(night.taken()) == {H}


def test_a_tripped_alarm_that_samples_raise_again_is_told_while_its_gateway_is_lost() -> None:
    night = GatewayNight()
    night.tells(LOST, "raised", "UNACK", 0, priority="critical")
    night.trips(HH, 5_000)
    night.tells(HH, "returned", "RTN_UNACK", 6_000, priority="critical")
    night.taken()
    night.tells(HH, "reraised", "UNACK", 7_000, priority="critical")
    assert names(night.taken()) == {HH}


def test_the_clock_of_a_climb_that_a_configuration_set_going_left_out_the_time_it_waited() -> None:
    night = risen()
    night.at(30 * MIN)
    configure(night, changed(farm(), lambda _: None))
    assert night.taken() == []
    night.at(31 * MIN + 58_000)
    assert night.taken() == []
    night.at(31 * MIN + 59_000)
    assert {(send.event.alarm, send.key.step) for send in night.taken()} == {(H, 1)}
