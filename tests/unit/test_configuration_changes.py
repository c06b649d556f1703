"""What a changed site file does to alarms that stand, to points that are new, and to pending delays."""

from __future__ import annotations

from pathlib import Path

import msgspec

from hazardwatch.engine import Engine
from hazardwatch.sites import sound_site
from pipeline import records
from pipeline.log import Entry
from pipeline.model import Command, Event
from pipeline.records import Kind
from pipeline.site import Alarm, Site, Suppress, Vote, of_installation
from tests.engine_play import block_of
from tests.oracle.records import Reading

START = 1_800_000_000_000
SECOND = 1000
LEVEL = (
    "{id: LT, name: {en: level, zh-CN: 液位}, quantity: level, unit: m, range: [0, 10], stale_after: 10s, "
    "alarms: {H: {setpoint: 8, priority: high}}}"
)
FLOW = "{id: FT, name: {en: flow, zh-CN: 流量}, quantity: flow, unit: m3/h, range: [0, 10], stale_after: 10s}"


def _site(folder: Path, *points: str) -> Site:
    text = """
schema: hazardwatch/site/v1
site: {id: plant, name: {en: plant, zh-CN: 厂}, timezone: Asia/Shanghai, language: en}
installations:
  - id: A
    name: {en: A, zh-CN: A}
    owner: desk
    points:
"""
    text += "".join(f"      - {point}\n" for point in points)
    text += """
positions: [{id: desk, level: post, people: [li]}]
people: [{id: li, name: Li, phone: "+8613800000001"}]
channels: {hook: {type: webhook, url: "http://127.0.0.1:1/"}}
notify: {always: [hook], escalations: []}
"""
    file = folder / "site.yaml"
    file.write_text(text)
    return sound_site(file)[0]


class Plant:
    """Records of installation A, one after the other, at seconds after START."""

    def __init__(self) -> None:
        self.engine = Engine("A")
        self.position = 0

    def _take(self, second: float, data: bytes) -> list[Event]:
        self.position += 1
        return self.engine.take(Entry("A", self.position, START + round(second * SECOND), data))

    def configure(self, second: float, site: Site) -> list[Event]:
        """The record of a configuration."""
        return self._take(second, bytes([Kind.CONFIG]) + msgspec.json.encode(of_installation(site, "A")))

    def reading(self, second: float, point: str, value: float) -> list[Event]:
        """A reading without a stamp."""
        return self._take(second, records.encode_block(block_of([Reading(point, None, value, 0)])))

    def ask(self, second: float, command: Command) -> list[Event]:
        """What a person asks for."""
        return self._take(second, records.encode(command))

    def tick(self, second: float) -> list[Event]:
        """Nothing but time."""
        return self._take(second, records.TICK_RECORD)


def _told(events: list[Event]) -> list[tuple[str, str, str | None, str | None, str | None]]:
    return [(one.alarm, one.event, one.state, one.reason, one.unit) for one in events]


def test_a_standing_alarm_whose_point_is_removed_is_cleared_as_removed(tmp_path: Path) -> None:
    plant = Plant()
    plant.configure(0, _site(tmp_path, LEVEL, FLOW))
    plant.reading(1, "LT", 9)
    events = plant.configure(2, _site(tmp_path, FLOW))
    assert _told(events) == [("A/LT/H", "cleared", "NORMAL", "removed", "m")]
    assert events[0].occurrence is not None
    assert events[0].from_state == "UNACK"
    assert plant.engine.standing() == []
    assert plant.reading(3, "FT", 5) == []


def test_a_standing_alarm_is_cleared_when_its_whole_installation_is_removed(tmp_path: Path) -> None:
    plant = Plant()
    plant.configure(0, _site(tmp_path, LEVEL))
    plant.reading(1, "LT", 9)
    nothing = msgspec.structs.replace(_site(tmp_path, LEVEL), installations=())
    assert _told(plant.configure(2, nothing)) == [("A/LT/H", "cleared", "NORMAL", "removed", "m")]
    assert plant.tick(30) == []


def test_a_disabled_point_clears_its_alarms_and_begins_anew_when_it_is_enabled(tmp_path: Path) -> None:
    on, off = _site(tmp_path, LEVEL), _site(tmp_path, LEVEL.replace("stale_after", "enabled: false, stale_after"))
    plant = Plant()
    plant.configure(0, on)
    plant.reading(1, "LT", 9)
    assert _told(plant.configure(2, off)) == [("A/LT/H", "cleared", "NORMAL", "removed", "m")]
    assert [event for second in range(3, 60) for event in plant.tick(second)] == []
    assert plant.configure(60, on) == []
    assert plant.tick(69) == []
    assert _told(plant.reading(69.5, "LT", 9)) == [("A/LT/H", "raised", "UNACK", "limit", "m")]


def test_a_new_point_counts_as_heard_when_it_is_configured(tmp_path: Path) -> None:
    plant = Plant()
    plant.configure(0, _site(tmp_path, LEVEL))
    events = [event for second in range(1, 21) for event in plant.reading(second, "LT", 5)]
    events += plant.configure(20.5, _site(tmp_path, LEVEL, FLOW))
    events += [event for second in range(21, 31) for event in plant.reading(second, "LT", 5)]
    assert events == []
    events = plant.reading(31.2, "LT", 5)
    assert [(one.alarm, one.time - START) for one in events] == [("A/FT/STALE", 30_500)]


def test_a_changed_setpoint_acts_from_the_next_sample(tmp_path: Path) -> None:
    plant = Plant()
    plant.configure(0, _site(tmp_path, LEVEL))
    assert plant.reading(1, "LT", 7) == []
    assert plant.configure(2, _site(tmp_path, LEVEL.replace("setpoint: 8", "setpoint: 6"))) == []
    assert plant.tick(3.5) == []
    assert _told(plant.reading(4, "LT", 7)) == [("A/LT/H", "raised", "UNACK", "limit", "m")]


def test_a_pending_delay_of_a_changed_alarm_is_emptied(tmp_path: Path) -> None:
    delayed = LEVEL.replace("setpoint: 8", "setpoint: 8, on_delay: 3s")
    plant = Plant()
    plant.configure(0, _site(tmp_path, delayed))
    assert plant.reading(1, "LT", 9) == []
    assert plant.configure(2, _site(tmp_path, delayed.replace("high}", "critical}"))) == []
    assert plant.tick(6) == []
    assert plant.reading(6.5, "LT", 9) == []
    assert [(one.event, one.time - START) for one in plant.tick(10.1)] == [("raised", 9_500)]


GAS = "{id: G%d, quantity: level, unit: m, range: [0, 10], stale_after: 1h, alarms: {H: {setpoint: 8, priority: high}}}"


def _voted(folder: Path, *members: str) -> Site:
    site = _site(folder, *(GAS % number for number in (1, 2, 3)))
    vote = Alarm(
        id="A/two", name="two", kind="vote", alarm_class="process", priority="high",
        vote=Vote(need=2, of=tuple(f"A/{member}/H" for member in members)),
    )  # fmt: skip
    here = msgspec.structs.replace(site.installations[0], alarms=(vote,))
    return msgspec.structs.replace(site, installations=(here,))


def test_a_vote_that_gets_another_member_counts_it_as_it_is_from_the_next_sample(tmp_path: Path) -> None:
    plant = Plant()
    plant.configure(0, _voted(tmp_path, "G1", "G2"))
    plant.reading(1, "G1", 9)
    plant.reading(2, "G3", 9)
    assert plant.configure(3, _voted(tmp_path, "G1", "G2", "G3")) == []
    assert [(one.alarm, one.event) for one in plant.reading(4, "G1", 9)] == [("A/two", "raised")]


def test_a_suppression_that_is_new_begins_and_one_that_is_gone_ends_at_the_configuration(tmp_path: Path) -> None:
    flow = FLOW.replace("stale_after: 10s", "stale_after: 10s, alarms: {H: {setpoint: 8, priority: low}}")
    plain = _site(tmp_path, LEVEL, flow)
    rule = Suppress(id="by-LT", alarms=("A/FT/H",), cause="A/LT/H")
    here = msgspec.structs.replace(plain.installations[0], suppress=(rule,))
    plant = Plant()
    plant.configure(0, plain)
    plant.reading(1, "LT", 9)
    told = plant.configure(2, msgspec.structs.replace(plain, installations=(here,)))
    assert _told(told) == [("A/FT/H", "suppressed", "SUPPRESSED_BY_DESIGN", None, "m3/h")]
    assert [(one.event, one.state) for one in plant.reading(3, "FT", 9)] == [("raised", "SUPPRESSED_BY_DESIGN")]
    assert _told(plant.configure(4, plain)) == [("A/FT/H", "unsuppressed", "UNACK", None, "m3/h")]


def test_a_removed_alarm_that_is_shelved_is_cleared_too(tmp_path: Path) -> None:
    plant = Plant()
    plant.configure(0, _site(tmp_path, LEVEL, FLOW))
    shelve = Command(command="shelve", by="li", alarm="A/LT/H", note="n", for_ms=60_000)
    assert [one.state for one in plant.ask(1, shelve)] == ["SHELVED"]
    assert _told(plant.configure(2, _site(tmp_path, FLOW))) == [("A/LT/H", "cleared", "NORMAL", "removed", "m")]
