"""Escalation in a flood, and two limits of one point that tell one story."""

from __future__ import annotations

import msgspec

from alerting.escalation import Annunciator
from alerting.routing import Routes
from alerting.telling import Kind, Send
from alerting.texts import short
from pipeline.model import Event, Judged
from pipeline.site import Site
from tests.alarm_story import HH, LEVEL, MIN, T0, H, data_of, entry, event, site

L = "TF1/LT-101/L"
NUISANCES = [f"TF1/N-{n}/L" for n in range(30)]


def farm() -> Site:
    """The small tank farm, HH above H, and thirty points with a low-priority alarm each."""
    made = site()
    limits = {"HH": 13.2, "H": 12.5}
    level = msgspec.structs.replace(
        LEVEL,
        alarms=tuple(
            msgspec.structs.replace(one, setpoint=limits[one.name]) if one.name in limits else one
            for one in LEVEL.alarms
        ),
    )
    low = next(one for one in LEVEL.alarms if one.name == "L")
    others = tuple(
        msgspec.structs.replace(
            level,
            id=id_.split("/")[1],
            alarms=(msgspec.structs.replace(low, id=id_, point=id_.split("/")[1], kind="low", setpoint=1.0),),
        )
        for id_ in NUISANCES
    )
    installation = msgspec.structs.replace(made.installations[0], points=(level, *others))
    return msgspec.structs.replace(made, installations=(installation,))


class Night:
    """An alarm log as it grows; every `restart` goes on from a snapshot."""

    def __init__(self) -> None:
        self.routes = Routes(farm(), "TF1")
        self.desk = Annunciator("TF1", self.routes)
        self.number = 0
        self.due: list[Send] = []

    def tells(
        self, alarm: str, what: str, state: str, at: int, *, priority: str = "low", by: str | None = None
    ) -> None:
        self.number += 1
        occurrence = f"o-{alarm}"
        told = event(
            self.number,
            what,
            state,
            at=at,
            alarm=alarm,
            priority=priority,
            occurrence=occurrence,
            actor=by,
            was="UNACK",
        )
        self._fold(told)

    def at(self, ms: int) -> None:
        self.number += 1
        self._fold(Judged(second=T0 + ms, position=self.number))

    def _fold(self, record: Event | Judged) -> None:
        self.due += self.desk.fold(entry(self.number, data_of(record))).due
        self.desk = Annunciator.restore("TF1", self.routes, self.desk.position, self.desk.snapshot())

    def taken(self) -> list[Send]:
        found, self.due = self.due, []
        return found


def flooded(*, above: int = 11) -> Night:
    night = Night()
    for n in range(above):
        night.tells(NUISANCES[n], "raised", "UNACK", n * 1000)
    return night


def test_up_to_the_flood_every_alarm_is_told_by_itself_and_then_low_ones_wait_to_be_told_together() -> None:
    night = flooded(above=14)
    assert [send.event.alarm for send in night.taken()] == NUISANCES[:10]
    night.at(69_000)
    assert night.taken() == []
    night.at(70_000)
    (bundle,) = night.taken()
    assert bundle.kind == Kind.BUNDLE
    assert [one.alarm for one in bundle.bundled] == NUISANCES[10:14]
    assert bundle.key.person == "li.wei"


def test_a_bundle_tells_of_what_asks_for_no_acknowledgement_even_when_it_is_over() -> None:
    night = flooded(above=11)
    night.tells(NUISANCES[11], "raised", "ACKED", 11_000)
    night.tells(NUISANCES[12], "raised", "UNACK", 12_000)
    night.tells(NUISANCES[11], "cleared", "NORM", 13_000)
    night.tells(NUISANCES[12], "acknowledged", "ACKED", 14_000, by="li.wei")
    night.taken()
    night.at(75_000)
    [bundle] = night.taken()
    assert [one.alarm for one in bundle.bundled] == [NUISANCES[10], NUISANCES[11]]


def test_a_bundle_names_the_flood_the_shares_and_the_first_alarms_in_both_languages() -> None:
    night = flooded(above=18)
    night.taken()
    night.at(80_000)
    (bundle,) = night.taken()
    assert short(night.routes, bundle, "en") == (
        "Methanol tank farm: alarm flood, 18 in 10 min. 8 more alarms (8 LOW): Tank 101 level low alarm, "
        "Tank 101 level low alarm, Tank 101 level low alarm, Tank 101 level low alarm, Tank 101 level low alarm, "
        "and 3 more. #TF1-11"
    )
    chinese = short(night.routes, bundle, "zh-CN")
    assert "甲醇罐区：报警泛滥，10 分钟内 18 条" in chinese
    assert "另有 8 条报警（低 8）" in chinese


def test_urgent_and_safety_alarms_are_never_kept_back() -> None:
    night = flooded()
    night.taken()
    night.tells(H, "raised", "UNACK", 12_000, priority="high")
    night.tells(HH, "raised", "UNACK", 13_000, priority="low")  # its class is safety
    assert [send.event.alarm for send in night.taken()] == [H, HH]


def test_what_was_taken_or_went_before_the_minute_was_over_is_not_told() -> None:
    night = flooded(above=13)
    night.taken()
    night.tells(NUISANCES[10], "acknowledged", "ACKED", 14_000, by="li.wei")
    night.tells(NUISANCES[11], "acknowledged", "NORMAL", 14_000, by="li.wei")
    night.at(80_000)
    (single,) = night.taken()
    assert (single.kind, single.event.alarm) == (Kind.ALARM, NUISANCES[12])


def test_when_the_flood_ends_what_waits_is_told_at_once_and_alarms_go_alone_again() -> None:
    night = flooded()
    night.taken()
    night.at(11 * MIN)
    assert [send.event.alarm for send in night.taken()] == [NUISANCES[10]]
    night.tells(NUISANCES[20], "raised", "UNACK", 12 * MIN)
    assert [send.kind for send in night.taken()] == [Kind.ALARM]


def test_when_a_level_rises_from_h_to_hh_the_graver_alarm_tells_of_it_and_the_milder_waits() -> None:
    night = Night()
    night.tells(H, "raised", "UNACK", 0, priority="high")
    assert len(night.taken()) == 1
    night.tells(HH, "raised", "UNACK", 60_000, priority="critical")
    (rising,) = night.taken()
    assert rising.marks.rose_from == H
    assert "worse than the high alarm" in short(night.routes, rising, "en")
    assert "由高报警升级" in short(night.routes, rising, "zh-CN")
    night.at(2 * MIN)
    assert night.taken() == []
    night.at(3 * MIN)
    assert {send.event.alarm for send in night.taken()} == {HH}


def test_both_at_once_are_one_message_whichever_is_said_first() -> None:
    for first, second in ((HH, H), (H, HH)):
        night = Night()
        night.tells(first, "raised", "UNACK", 0, priority="critical")
        night.tells(second, "raised", "UNACK", 0, priority="critical")
        told = [send.event.alarm for send in night.taken()]
        assert told[-1] == HH
        night.at(10 * MIN)
        assert {send.event.alarm for send in night.taken()} == {HH}


def test_when_the_graver_alarm_is_over_the_milder_goes_on_where_it_was() -> None:
    night = Night()
    night.tells(H, "raised", "UNACK", 0, priority="high")
    night.tells(HH, "raised", "UNACK", 60_000, priority="critical")
    night.tells(HH, "acknowledged", "ACKED", 90_000, priority="critical", by="li.wei")
    night.taken()
    night.at(30 * MIN)
    assert night.taken() == []
    night.tells(HH, "cleared", "NORMAL", 31 * MIN, priority="critical")
    assert night.taken() == []
    night.at(31 * MIN + 59_000)
    assert night.taken() == []
    night.at(32 * MIN)
    assert {(send.event.alarm, send.key.step) for send in night.taken()} == {(H, 1)}


def test_a_suppressed_graver_alarm_tells_no_story() -> None:
    night = Night()
    night.tells(HH, "raised", "SHELVED", 0, priority="critical")
    night.tells(H, "raised", "UNACK", 1000, priority="high")
    assert [send.event.alarm for send in night.taken()] == [H]


def test_a_chattering_alarm_is_named_as_one() -> None:
    night = Night()
    for n in range(3):
        night.tells(L, "raised", "UNACK", n * 20_000)
        night.tells(L, "acknowledged", "NORMAL", n * 20_000 + 5_000, by="li.wei")
    assert "chattering, consider shelving it" in short(night.routes, night.taken()[-1], "en")


def with_gateway() -> Site:
    """The farm, three of its points behind the gateway gw-a, which is a point with an alarm of its own."""
    made = farm()
    here = made.installations[0]
    low = here.points[0].alarms[0]
    lost = msgspec.structs.replace(low, id=LOST, name="GATEWAY-LOST", point="gw-a", kind="gateway", setpoint=None)
    gateway = msgspec.structs.replace(here.points[0], id="gw-a", gateway="gw-a", alarms=(lost,))
    fed = tuple(msgspec.structs.replace(point, gateway="gw-a") for point in here.points[:3])
    installation = msgspec.structs.replace(here, points=(*fed, *here.points[3:], gateway))
    return msgspec.structs.replace(made, installations=(installation,))


LOST = "TF1/gw-a/GATEWAY-LOST"


class GatewayNight(Night):
    """The same with a gateway; `trips` is a raise with the reason `lost`."""

    def __init__(self) -> None:
        super().__init__()
        self.routes = Routes(with_gateway(), "TF1")
        self.desk = Annunciator("TF1", self.routes)

    def trips(self, alarm: str, at: int) -> None:
        self.number += 1
        told = event(self.number, "raised", "UNACK", at=at, alarm=alarm, occurrence=f"o-{alarm}")
        self._fold(msgspec.structs.replace(told, reason="lost"))


def test_what_a_lost_gateways_silence_trips_is_told_by_the_message_about_the_gateway() -> None:
    night = GatewayNight()
    night.tells(LOST, "raised", "UNACK", 0, priority="critical")
    night.trips(HH, 5_000)
    assert [send.event.alarm for send in night.taken()] == [LOST]
    night.at(10 * MIN)
    assert {send.event.alarm for send in night.taken()} == {LOST}


def test_what_was_tripped_just_before_the_gateway_was_known_to_be_lost_climbs_no_further() -> None:
    night = GatewayNight()
    night.trips(HH, 0)
    night.tells(LOST, "raised", "UNACK", 5_000, priority="critical")
    night.taken()
    night.at(10 * MIN)
    assert {send.event.alarm for send in night.taken()} == {LOST}


def test_an_alarm_that_samples_raised_is_told_even_while_its_gateway_is_lost() -> None:
    night = GatewayNight()
    night.tells(LOST, "raised", "UNACK", 0, priority="critical")
    night.tells(HH, "raised", "UNACK", 5_000, priority="critical")
    assert [send.event.alarm for send in night.taken()] == [LOST, HH]


def test_what_is_still_on_when_the_gateway_is_back_goes_on_climbing() -> None:
    night = GatewayNight()
    night.tells(LOST, "raised", "UNACK", 0, priority="critical")
    night.trips(HH, 5_000)
    night.tells(LOST, "acknowledged", "NORMAL", 60_000, priority="critical", by="li.wei")
    assert HH in {send.event.alarm for send in night.taken()}
