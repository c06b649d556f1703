"""The contract's own site file loads without a fault and comes out as it says."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from pipeline.site import Alarm, Point, Raw, Site, Suppress
from pipeline.sitefile import Loaded, expanded, load

ROOT = Path(__file__).parents[2]
SITE = ROOT.parent / "shared" / "contract" / "site.yaml"
KINDS = frozenset({"high", "low", "digital", "rate", "stale", "bad", "late", "clock"})

pytestmark = pytest.mark.skipif(
    not SITE.exists(), reason="the shared folder with the contract is not beside the repository"
)


@pytest.fixture(scope="module")
def loaded() -> Loaded:
    return load(SITE, KINDS, frozenset({"webhook", "sms_http"}))


@pytest.fixture(scope="module")
def site(loaded: Loaded) -> Site:
    assert loaded.site is not None
    return loaded.site


def _point(site: Site, id_: str) -> Point:
    return next(point for point in site.installations[0].points if point.id == id_)


def _alarm(site: Site, id_: str) -> Alarm:
    one = site.installations[0]
    return next(a for a in (*one.alarms, *(a for p in one.points for a in p.alarms)) if a.id == id_)


def test_it_has_no_faults(loaded: Loaded) -> None:
    assert loaded.faults == []


def test_points_come_in_the_order_of_equipment_then_of_the_file(site: Site) -> None:
    ids = [point.id for point in site.installations[0].points]
    tanks = ["LT-101", "LSHH-101", "LT-102", "LSHH-102"]
    assert ids[:4] == tanks
    assert ids[4:] == ["LT-101B", "TT-101", "PT-101", "GT-101", "GT-102", "GT-103", "FT-101", "TT-109"]


def test_alarms_come_in_the_order_of_the_file_then_the_points_own(site: Site) -> None:
    names = [alarm.name for alarm in _point(site, "LT-101").alarms]
    assert names == ["HH", "H", "L", "LL", "fast-fill", "to-HH", "STALE", "BAD", "LATE", "CLOCK"]


def test_a_safety_alarm_has_the_attributes_of_its_class(site: Site) -> None:
    alarm = _alarm(site, "TF1/LT-101/HH")
    assert (alarm.priority, alarm.latching, alarm.realarm_ms, alarm.on_bad) == ("critical", True, 900_000, "trip")
    assert (alarm.shelving_allowed, alarm.exempt_from_bundling, alarm.response_time_ms) == (False, True, 300_000)
    assert alarm.action is not None
    assert (alarm.action.en, alarm.action.zh) == ("Close MOV-101", "关闭 MOV-101 阀")
    assert (alarm.setpoint, alarm.deadband) == (13.2, 0.1)


def test_an_override_changes_one_attribute_of_one_alarm(site: Site) -> None:
    assert _alarm(site, "TF1/LT-102/H").on_delay_ms == 10_000
    assert _alarm(site, "TF1/LT-102/H").off_delay_ms == 5_000
    assert _alarm(site, "TF1/LT-101/H").on_delay_ms == 5_000


def test_deadbands_in_percent_are_of_the_range(site: Site) -> None:
    assert _alarm(site, "TF1/LT-101/L").deadband == 0.15
    assert _alarm(site, "TF1/PT-101/HH").deadband == 0.4


def test_the_gas_preset_gives_two_latching_levels(site: Site) -> None:
    h, hh = _alarm(site, "TF1/GT-101/H"), _alarm(site, "TF1/GT-101/HH")
    assert (h.setpoint, h.priority, h.latching, h.deadband, h.alarm_class) == (25.0, "high", True, 0.0, "process")
    assert (hh.setpoint, hh.priority, hh.latching, hh.deadband) == (50.0, "critical", True, 0.0)
    assert _point(site, "GT-101").over_range == "judge"


def test_a_points_own_alarms_are_one_step_below_its_highest(site: Site) -> None:
    found = {id_: _alarm(site, f"TF1/{id_}/STALE").priority for id_ in ("LT-101", "TT-101", "GT-101", "FT-101")}
    assert found == {"LT-101": "high", "TT-101": "medium", "GT-101": "high", "FT-101": "low"}
    assert _alarm(site, "TF1/LT-101/CLOCK").priority == "low"
    assert _alarm(site, "TF1/TT-101/frozen").priority == "medium"


def test_scaling_states_and_times_of_points(site: Site) -> None:
    assert _point(site, "PT-101").raw == Raw(low=4.0, high=20.0, unit="mA")
    assert _point(site, "LSHH-101").states == {0.0: "tripped", 1.0: "healthy"}
    assert _alarm(site, "TF1/LSHH-101/HH").when == 0.0
    level = _point(site, "LT-101")
    assert (level.stale_after_ms, level.late_after_ms, level.gateway) == (10_000, 60_000, "gw-a")
    assert (level.equipment, level.name.zh) == ("T-101", "101 罐液位")


def test_a_disabled_point_is_listed_without_alarms(site: Site) -> None:
    assert _point(site, "TT-109").enabled is False
    assert _point(site, "TT-109").alarms == ()


def test_references_become_full_ids(site: Site) -> None:
    vote, limit = _alarm(site, "TF1/gas-confirmed").vote, _alarm(site, "TF1/LT-102/to-HH").time_to_limit
    assert vote is not None
    assert vote.of == ("TF1/GT-101/H", "TF1/GT-102/H", "TF1/GT-103/H")
    assert limit is not None
    assert (limit.limit, limit.limit_alarm) == (13.2, "TF1/LT-102/HH")
    rules = site.installations[0].suppress
    low = Suppress(
        id="low-while-cleaning", alarms=("TF1/LT-101/L", "TF1/LT-101/LL"), equipment="T-101", mode="cleaning"
    )
    assert rules[0] == low
    assert rules[1].cause == "TF1/LT-101/HH"


def test_a_site_survives_being_written_as_json(site: Site) -> None:
    assert msgspec.json.decode(msgspec.json.encode(site), type=Site) == site


def test_origins_say_where_values_come_from(loaded: Loaded) -> None:
    origin = loaded.origin
    assert origin["TF1/LT-101/HH.latching"] == "class safety"
    assert origin["TF1/LT-102/H.on_delay"] == "override, line 55: agitator waves"
    assert origin["TF1/LT-101/H.deadband"] == "template tank, line 33"
    assert origin["TF1/LT-101/H.setpoint"] == "equipment, line 54"
    assert origin["TF1/LT-101.late_after"].startswith("default")
    assert origin["TF1/GT-101/H.setpoint"].startswith("preset gas-combustible: GB/T 50493-2019")


def test_what_this_version_does_not_do_is_one_warning_each(loaded: Loaded) -> None:
    paths = [warning.path for warning in loaded.warnings]
    assert paths == [
        "gateways[0].heartbeat",
        "templates.tank.points[0].alarms.to-HH",
        "templates.tank.suppress[0]",
        "templates.tank.suppress[1]",
        "installations[0].points[1].alarms.H.by_mode",
        "installations[0].points[1].alarms.drift",
        "installations[0].points[1].alarms.frozen",
        "installations[0].points[2].alarms.surging.count",
        "installations[0].alarms.gas-confirmed",
        "installations[0].alarms.gauge-mismatch",
        "channels.dingtalk",
    ]


def test_a_version_that_does_everything_gives_no_warnings() -> None:
    everything = KINDS | {
        "time_to_limit",
        "cusum",
        "flatline",
        "vote",
        "deviation",
        "count",
        "by_mode",
        "suppress",
        "gateway",
    }
    assert load(SITE, everything, frozenset({"webhook", "sms_http", "dingtalk"})).warnings == []


def test_expanded_uses_the_words_of_the_site_file(loaded: Loaded) -> None:
    shown = expanded(loaded)
    alarm = next(one for one in shown["alarms"] if one["alarm"] == "TF1/LT-102/H")
    assert (alarm["setpoint"], alarm["on_delay"], alarm["class"], alarm["unit"]) == (12.5, "10s", "process", "m")
    assert alarm["origin"]["on_delay"].startswith("override")
    point = next(one for one in shown["points"] if one["point"] == "TF1/PT-101")
    assert point["raw"] == {"from": [4.0, 20.0], "unit": "mA"}
    assert msgspec.json.decode(msgspec.json.encode(shown)) == shown
