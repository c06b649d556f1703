"""What differs between two site files, and whether it loosens."""

from __future__ import annotations

import pytest

from hazardwatch.config_diff import differences, loosens
from hazardwatch.config_grades import ALARM
from hazardwatch.sites import load_text
from pipeline.config_records import Difference
from pipeline.site import Alarm, Site

SITE = """
schema: hazardwatch/site/v1
site: {id: plant, name: {en: plant, zh-CN: 厂}, timezone: Asia/Shanghai, language: en}
alarm_classes:
  process: {ack_required: true, shelving: {allowed: true, max: 8h}}
  safety: {priority: critical, latching: true, realarm: 15min, shelving: {allowed: false}, on_bad: trip}
installations:
  - id: A
    name: {en: A, zh-CN: A}
    owner: desk
    equipment:
      - {id: T, name: {en: T, zh-CN: T}, modes: [normal, cleaning]}
    points:
      - id: LT
        name: {en: level, zh-CN: 液位}
        equipment: T
        quantity: level
        unit: m
        range: [0, 10]
        stale_after: 10s
        late_after: 60s
        alarms:
          HH: {setpoint: 9, class: safety}
          H: {setpoint: 8, priority: high, deadband: 0.2, on_delay: 5s, off_delay: 5s, action: {en: Close, zh-CN: 关}, by_mode: {cleaning: {setpoint: 8.5}}}
          L: {setpoint: 2, priority: medium}
          fill: {type: rate, rising: 0.5, per: 1min, window: 60s, priority: medium}
          soon: {type: time_to_limit, limit: HH, within: 15min, window: 5min, min_rate: 0.1, per: 1h, priority: high}
          drift: {type: cusum, reference: 5, slack: 0.5, threshold: 8, priority: low}
          stuck: {type: flatline, for: 10min, band: 0.01, priority: low}
          surge: {type: high, setpoint: 7, priority: low, count: {times: 3, within: 60s}}
      - {id: LS, name: {en: switch, zh-CN: 开关}, quantity: state, stale_after: 10s, states: {0: tripped, 1: healthy}, alarms: {HH: {type: digital, when: tripped, priority: high}}}
      - {id: FT, name: {en: flow, zh-CN: 流量}, quantity: flow, unit: m3/h, range: [0, 9], stale_after: 9s}
    alarms:
      both: {type: vote, need: 1, of: [LT/HH, LS/HH], on_fault: hold, priority: high}
positions:
  - {id: desk, level: post, reports_to: boss, people: [li, wu]}
  - {id: boss, level: company, reports_to: top, people: [wu]}
  - {id: top, level: company, people: [wu]}
people: [{id: li, name: Li, phone: "+8613800000001"}, {id: wu, name: Wu, phone: "+8613800000002"}]
channels: {hook: {type: webhook, url: "http://127.0.0.1:1/"}, second: {type: webhook, url: "http://127.0.0.1:2/"}}
notify:
  always: [hook]
  escalations:
    - match: {priority: [critical, high]}
      repeat: 5min
      steps: [{after: 0s, to: owner, by: [hook]}, {after: 2min, to: owner+1, by: [hook]}]
"""  # noqa: E501  # a site file with one alarm per line is read more easily


def _site(text: str) -> Site:
    loaded = load_text(text.encode(), "site")
    assert loaded.site is not None, loaded.faults
    return loaded.site


def _changed(old: str, new: str) -> list[Difference]:
    assert SITE.count(old) >= 1, old
    return differences(_site(SITE), _site(SITE.replace(old, new, 1)))


LOOSER = [
    ("setpoint: 8,", "setpoint: 8.4,", "A/LT/H", "limit_moved_away"),
    ("setpoint: 2,", "setpoint: 1,", "A/LT/L", "limit_moved_away"),
    ("deadband: 0.2", "deadband: 0.5", "A/LT/H", "deadband_widened"),
    ("on_delay: 5s", "on_delay: 6s", "A/LT/H", "longer_delay"),
    ("off_delay: 5s", "off_delay: 6s", "A/LT/H", "longer_delay"),
    (
        "setpoint: 9, class: safety",
        "setpoint: 9, class: process, priority: critical",
        "A/LT/HH",
        "safety_class_dropped",
    ),
    ("setpoint: 8, priority: high", "setpoint: 8, priority: medium", "A/LT/H", "priority_lowered"),
    ("latching: true", "latching: false", "A/LT/HH", "latching_dropped"),
    ("ack_required: true", "ack_required: false", "A/LT/H", "ack_required_dropped"),
    ("realarm: 15min", "realarm: 30min", "A/LT/HH", "realarm_later"),
    (", on_bad: trip", "", "A/LT/HH", "trip_on_bad_dropped"),
    ("shelving: {allowed: false}", "shelving: {allowed: true}", "A/LT/HH", "shelving_allowed"),
    ("max: 8h", "max: 9h", "A/LT/H", "longer_shelving"),
    ("cleaning: {setpoint: 8.5}", "cleaning: {setpoint: 8.6}", "A/LT/H", "limit_moved_away"),
    ("rising: 0.5", "rising: 0.6", "A/LT/fill", "limit_moved_away"),
    ("window: 60s", "window: 90s", "A/LT/fill", "not_graded"),
    ("within: 15min", "within: 10min", "A/LT/soon", "less_warning"),
    ("threshold: 8", "threshold: 9", "A/LT/drift", "limit_moved_away"),
    ("band: 0.01", "band: 0.005", "A/LT/stuck", "band_narrowed"),
    ("times: 3", "times: 4", "A/LT/surge", "more_starts_needed"),
    ("when: tripped", "when: healthy", "A/LS/HH", "sense_changed"),
    ("need: 1", "need: 2", "A/both", "vote_need_raised"),
    ("of: [LT/HH, LS/HH]", "of: [LT/HH]", "A/both", "members_changed"),
    ("on_fault: hold", "on_fault: exclude", "A/both", "on_fault_loosened"),
    ("stale_after: 10s", "stale_after: 20s", "A/LT", "stale_later"),
    ("stale_after: 10s", "stale_after: never", "A/LT", "stale_later"),
    ("late_after: 60s", "late_after: 90s", "A/LT", "late_later"),
    ("range: [0, 10]", "range: [0, 12]", "A/LT", "range_changed"),
    ("          L: {setpoint: 2, priority: medium}\n", "", "A/LT/L", "alarm_removed"),
    ("stale_after: 9s}", "stale_after: 9s, enabled: false}", "A/FT", "point_disabled"),
    ("    owner: desk", "    owner: boss", "A", "owner_changed"),
    ("people: [li, wu]", "people: [li]", "positions/desk", "fewer_recipients"),
    ('phone: "+8613800000001"', 'phone: "+8613800000009"', "people/li", "contact_changed"),
    ("always: [hook]", "always: [second]", "notify/always", "fewer_recipients"),
    ("repeat: 5min", "repeat: 6min", "notify/escalations/0", "repeat_seldomer"),
    ("after: 2min", "after: 3min", "notify/escalations/0/steps/1", "told_later"),
    ("priority: [critical, high]", "priority: [critical]", "notify/escalations", "escalations_changed"),
    ("http://127.0.0.1:1/", "http://127.0.0.1:3/", "channels/hook", "channel_changed"),
]


@pytest.mark.parametrize(("old", "new", "where", "reason"), LOOSER)
def test_what_takes_protection_away_loosens_and_is_named(old: str, new: str, where: str, reason: str) -> None:
    found = _changed(old, new)
    assert (where, "loosening", reason) in [(one.where, one.effect, one.reason) for one in found]
    assert loosens(found)


REVERSIBLE = [
    one for one in LOOSER if one[3] not in {
        "range_changed", "sense_changed", "not_graded", "contact_changed", "escalations_changed", "channel_changed",
        "owner_changed", "fewer_recipients",
    }
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "where", "reason"), REVERSIBLE)
def test_the_way_back_tightens(old: str, new: str, where: str, reason: str) -> None:
    found = differences(_site(SITE.replace(old, new, 1)), _site(SITE))
    assert not loosens(found), found
    assert {one.effect for one in found if one.where == where} == {"tightening"}


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("{en: Close, zh-CN: 关}", "{en: Close MOV-1, zh-CN: 关 MOV-1}", "guidance_changed"),
        ("{en: level, zh-CN: 液位}", "{en: Level, zh-CN: 液位}", "name_changed"),
        ("name: Li", "name: Li Wei", "name_changed"),
        ("language: en}", "language: zh-CN}", "language_changed"),
    ],
)
def test_words_are_neutral(old: str, new: str, reason: str) -> None:
    found = _changed(old, new)
    assert reason in [one.reason for one in found]
    assert {one.effect for one in found} == {"neutral"}


def test_the_same_site_has_no_differences() -> None:
    assert differences(_site(SITE), _site(SITE)) == []


def test_a_new_order_alone_is_told_and_is_neutral() -> None:
    high, low = (
        "          L: {setpoint: 2, priority: medium}\n",
        "          fill: {type: rate, rising: 0.5, per: 1min, window: 60s, priority: medium}\n",
    )  # as in the site file
    found = _changed(high + low, low + high)
    assert [(one.what, one.effect) for one in found] == [("order", "neutral")]


def test_a_suppression_that_comes_loosens_and_one_that_goes_tightens() -> None:
    more = SITE.replace("positions:\n", "    suppress: [{id: s, alarms: [LT/L], when: {alarm: LT/H}}]\npositions:\n", 1)
    came, went = differences(_site(SITE), _site(more)), differences(_site(more), _site(SITE))
    assert [(one.where, one.effect, one.reason) for one in came] == [("A/s", "loosening", "suppression_added")]
    assert [(one.where, one.effect, one.reason) for one in went] == [("A/s", "tightening", "suppression_removed")]


def test_before_and_after_are_told() -> None:
    [one] = _changed("setpoint: 8,", "setpoint: 8.4,")
    assert (one.what, one.before, one.after) == ("setpoint", 8.0, 8.4)


def test_every_graded_attribute_of_an_alarm_exists() -> None:
    names = set(Alarm.__struct_fields__)
    assert {name.partition(".")[0] for name in ALARM} <= names


@pytest.mark.parametrize(
    ("old", "new", "where", "reason"),
    [
        (
            "{after: 2min, to: owner+1, by: [hook]}]",
            "{after: 2min, to: owner+1, by: [hook]}, {after: 1h, to: top, by: [hook]}]",
            "notify/escalations/0/steps/2",
            "repeats_moved",
        ),
        ("for: 10min, band: 0.01", "for: 10s, band: 0.01", "A/LT/stuck", "window_changed"),
        ("L: {setpoint: 2, priority: medium}", "L: {setpoint: 2, priority: high}", "A/LT/L", "escalation_changed"),
    ],
    ids=["repeats move to a later step", "a window too short to be decided", "raised to where fewer are told"],
)
def test_what_looks_tighter_and_tells_fewer_people_loosens(old: str, new: str, where: str, reason: str) -> None:
    before = SITE
    if where == "A/LT/L":
        before = SITE.replace("{priority: [critical, high]}", "{priority: [medium]}")
    found = differences(_site(before), _site(before.replace(old, new)))
    assert [(one.where, one.effect) for one in found if one.reason == reason] == [(where, "loosening")]


def test_a_class_or_priority_that_the_same_people_hear_of_at_least_as_soon_tightens() -> None:
    assert not loosens(_changed("L: {setpoint: 2, priority: medium}", "L: {setpoint: 2, priority: high}"))
    assert not loosens(_changed("setpoint: 8, priority: high", "setpoint: 8, priority: critical"))
