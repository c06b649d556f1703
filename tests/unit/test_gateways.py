"""A lost gateway is one alarm: by silence, by its will, by its connection; what is silent with it lies beneath."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hazardwatch.engine import Engine
from hazardwatch.gateway_points import with_gateways
from hazardwatch.sites import sound_site
from ingest.gateways import Gateways
from pipeline import records
from pipeline.errors import ConfigError
from pipeline.log import Entry
from pipeline.model import Event
from pipeline.site import Site
from tests.engine_play import block_of
from tests.oracle.records import Reading

TEXT = """
schema: hazardwatch/site/v1
site: {id: s}
gateways:
  - {id: gw-a, heartbeat: 8s}
  - {id: gw-b}
installations:
  - id: A
    points:
      - {id: L1, gateway: gw-a, quantity: level, unit: m, range: [0, 10], stale_after: 10s,
         alarms: {HH: {class: safety, setpoint: 9}}}
      - {id: L2, gateway: gw-a, quantity: level, unit: m, range: [0, 10], stale_after: 10s,
         alarms: {H: {setpoint: 8, priority: medium}}}
      - {id: L3, gateway: gw-b, quantity: level, unit: m, range: [0, 10], stale_after: 5s,
         alarms: {H: {setpoint: 8, priority: medium}}}
people:
  - {id: li.wei, name: 李伟}
"""
START = 1_800_000_000_000
LOST = "A/gw-a/GATEWAY-LOST"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    file = tmp_path / "site.yaml"
    file.write_text(TEXT, encoding="utf-8")
    site, warnings = sound_site(file)
    assert warnings == []
    return with_gateways(site)


class Plant:
    """Installation A over seconds of START; each second is judged."""

    def __init__(self, site: Site) -> None:
        self.engine = Engine("A")
        self.engine.configure(site, START)
        self.position = 0

    def _take(self, second: float, data: bytes) -> list[tuple[str, str, float, str | None]]:
        self.position += 1
        events = self.engine.take(Entry("A", self.position, START + round(second * 1000), data))
        return [_brief(event) for event in events]

    def got(self, second: float, **values: float) -> list[tuple[str, str, float, str | None]]:
        readings = [Reading(point.replace("_", "-"), None, value) for point, value in values.items()]
        return self._take(second, records.encode_block(block_of(readings)))

    def events(self, first: float, last: float, **values: float) -> list[Event]:
        """Those of GATEWAY-LOST, whole, with these values at the first second."""
        told: list[Event] = []
        block = records.encode_block(block_of([Reading(point, None, value) for point, value in values.items()]))
        for second in (first + after for after in range(round(last - first) + 1)):
            self.position += 1
            data = block if values else records.TICK_RECORD
            told += self.engine.take(Entry("A", self.position, START + round(second * 1000) + 1, data))
        return [one for one in told if one.alarm == LOST]

    def silence(self, first: int, last: int) -> list[tuple[str, str, float, str | None]]:
        told = []
        for second in range(first, last + 1):
            told += self._take(second + 0.001, records.TICK_RECORD)
        return told


def _brief(event: Event) -> tuple[str, str, float, str | None]:
    return event.alarm.removeprefix("A/"), event.event, (event.time - START) / 1000, event.state


def test_silence_of_all_its_points_is_one_alarm_and_their_stale_lies_beneath(site: Site) -> None:
    plant = Plant(site)
    assert plant.got(1, L1=5, L2=5, L3=5) == []
    told = plant.silence(2, 5) + plant.got(5.5, L3=5) + plant.silence(6, 9) + plant.got(9.5, L3=5)
    told += plant.silence(10, 13)
    named = [(alarm, event, time) for alarm, event, time, _ in told]
    beneath = [f"{point}/{kind}" for point in ("L1", "L2") for kind in ("STALE", "LATE", "CLOCK")]
    assert named[:7] == [(alarm, "suppressed", 9.0) for alarm in beneath] + [("gw-a/GATEWAY-LOST", "raised", 9.0)]
    assert told[7:] == [
        ("L1/STALE", "raised", 11.0, "SUPPRESSED_BY_DESIGN"),
        ("L1/HH", "raised", 11.0, "UNACK"),
        ("L2/STALE", "raised", 11.0, "SUPPRESSED_BY_DESIGN"),
    ]


def test_it_is_over_when_each_of_its_points_was_heard_again(site: Site) -> None:
    plant = Plant(site)
    plant.got(1, L1=5, L2=5, L3=5)
    plant.silence(2, 12)
    told = plant.got(12.5, L1=5)
    assert ("gw-a/GATEWAY-LOST", "returned", 12.5, "RTN_UNACK") not in told
    told = plant.got(13.5, L2=5)
    assert ("gw-a/GATEWAY-LOST", "returned", 13.5, "RTN_UNACK") in told
    assert [one for one in told if one[0] == "L2/STALE"] == [
        ("L2/STALE", "returned", 13.5, "SUPPRESSED_BY_DESIGN"),
        ("L2/STALE", "unsuppressed", 13.5, "NORMAL"),
    ]


def test_or_a_heartbeat_after_the_first_and_what_is_still_silent_is_told_then(site: Site) -> None:
    plant = Plant(site)
    plant.got(1, L1=5, L2=5, L3=5)
    plant.silence(2, 12)
    told = [event for second in range(13, 25) for event in plant.got(second + 0.5, L1=5)]
    assert ("gw-a/GATEWAY-LOST", "returned", 21.5, "RTN_UNACK") in told
    assert ("L2/STALE", "unsuppressed", 21.5, "UNACK") in told


def test_its_event_says_why_and_when_that_was_known(site: Site) -> None:
    plant = Plant(site)
    plant.got(1, L1=5, L2=5, L3=5)
    events = plant.events(2, 12)
    assert [(one.event, one.reason, one.decided - START) for one in events] == [("raised", "silent", 10_000)]
    events = plant.events(12.2, 22.2, L1=5)
    assert [(one.event, one.reason, one.decided - START) for one in events] == [("returned", "heard", 21_000)]


def test_its_will_says_it_at_once_and_a_restart_forgets_nothing(site: Site) -> None:
    plant = Plant(site)
    plant.got(1, L1=5, L2=5, L3=5)
    told = plant.got(2, gw_a=0)
    assert ("gw-a/GATEWAY-LOST", "raised", 2.0, "UNACK") in told
    plant.engine = Engine.restore("A", plant.engine.snapshot())
    assert plant.got(3, gw_a=0) == []
    told = plant.got(4, L1=5, L2=5, gw_a=1)
    assert ("gw-a/GATEWAY-LOST", "returned", 4.0, "RTN_UNACK") in told


def test_without_a_heartbeat_silence_says_nothing_of_the_gateway(site: Site) -> None:
    plant = Plant(site)
    told = plant.silence(1, 40)
    assert ("L3/STALE", "raised", 5.0, "UNACK") in told
    assert "gw-b/GATEWAY-LOST" not in {alarm for alarm, *_ in told}


def test_it_has_the_priority_of_its_worst_point_and_names_safetys(site: Site) -> None:
    [alarm] = [one for point in site.installations[0].points for one in point.alarms if one.id == LOST]
    assert alarm.priority == "critical"
    assert alarm.action is not None
    assert alarm.action.en.endswith("2 points on site, mend the gateway; safety: L1")
    assert alarm.action.zh.endswith("安全测点：L1")


def test_a_gateway_with_the_id_of_a_point_is_refused(site: Site) -> None:
    here = site.installations[0]
    named = msgspec.structs.replace(here.points[0], id="gw-a")
    twice = msgspec.structs.replace(site, installations=(msgspec.structs.replace(here, points=(named, *here.points)),))
    with pytest.raises(ConfigError, match="gw-a has the id of a point"):
        with_gateways(twice)


class Taken:
    """Stands for an intake."""

    def __init__(self) -> None:
        self.taken: list[tuple[bytes, bytes]] = []

    def take(self, publishes: Sequence[tuple[bytes, bytes]], door: Any) -> None:
        self.taken += publishes


def test_the_listener_says_it_for_a_lost_client_of_that_id_unless_its_will_does(site: Site) -> None:
    intake = Taken()
    gateways = Gateways(intake, site)  # type: ignore[arg-type]  # a plain fake
    gateways.lost("somebody", None)
    gateways.lost("gw-a", "hazardwatch/v1/A/gw-a")
    assert intake.taken == []
    gateways.lost("gw-a", None)
    assert intake.taken == [(b"hazardwatch/v1/A/gw-a", b"0")]
