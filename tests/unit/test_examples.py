"""examples/: each site is sound, its simulated day raises the alarms its story tells, and its page says so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from examples.large import generate
from hazardwatch.sites import load_site
from pipeline.errors import ConfigError
from pipeline.sitefile import render_fault
from simulators.day import DAY_S, read_day, second_of
from tests.day_picture import picture
from tests.example_days import EXAMPLES, NAMES, Played, played, table

RENEW = "renew it with: python -m tests.example_days"


@pytest.mark.parametrize("name", NAMES)
def test_an_example_has_neither_faults_nor_warnings(name: str) -> None:
    loaded = load_site(EXAMPLES / name / "site.yaml")
    assert [render_fault(one) for one in [*loaded.faults, *loaded.warnings]] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_process_alarm_says_cause_consequence_action_and_time(name: str) -> None:
    site = load_site(EXAMPLES / name / "site.yaml").site
    assert site is not None
    alarms = [alarm for here in site.installations for point in here.points for alarm in point.alarms]
    alarms += [alarm for here in site.installations for alarm in here.alarms]
    written = [alarm for alarm in alarms if alarm.kind not in {"stale", "bad", "late", "clock", "degraded"}]
    texts = {one.id: (one.cause, one.consequence, one.action) for one in written}
    assert [id_ for id_, said in texts.items() if any(text is None or text.en == text.zh for text in said)] == []
    assert [one.id for one in written if one.response_time_ms is None] == []


@pytest.mark.parametrize("name", NAMES)
def test_the_day_raises_what_its_story_tells_and_nothing_else(name: str) -> None:
    day = played(name)
    wanted, got = {}, {}
    ends = [second_of(step.at) for step in day.day.story[1:]] + [DAY_S]
    for step, end in zip(day.day.story, ends, strict=True):
        wanted[step.at] = sorted(step.raises)
        got[step.at] = sorted(set(_raised(day, second_of(step.at), end)))
    assert got == wanted


def _raised(day: Played, first: int, end: int) -> list[str]:
    return [
        event.alarm
        for event in day.events
        if event.event == "raised" and first <= (event.time - day.begin) / 1000 < end
    ]


@pytest.mark.parametrize("name", NAMES)
def test_nothing_that_people_do_that_day_is_refused(name: str) -> None:
    assert [(event.alarm, event.reason) for event in played(name).events if event.event == "refused"] == []


@pytest.mark.parametrize("name", NAMES)
def test_the_days_events_are_those_on_file(name: str) -> None:
    assert (EXAMPLES / name / "expected.csv").read_text(encoding="utf-8") == table(played(name)), RENEW


@pytest.mark.parametrize("name", NAMES)
def test_the_picture_is_what_the_engine_made_of_the_day(name: str) -> None:
    assert (EXAMPLES / name / "day.svg").read_text(encoding="utf-8") == picture(played(name)), RENEW


@pytest.mark.parametrize("name", NAMES)
def test_the_page_tells_the_story_hour_by_hour(name: str) -> None:
    page = (EXAMPLES / name / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d\d:\d\d) \| ([^|]*) \| ([^|]*) \|$", page, re.MULTILINE)
    told = [
        (step.at, step.told.en, ", ".join(f"`{one.partition('/')[2]}`" for one in step.raises) or "-")
        for step in read_day(EXAMPLES / name / "day.yaml").story
    ]
    assert [tuple(cell.strip() for cell in row) for row in rows] == told
    assert f"make example NAME={name}" in page
    assert "](day.svg)" in page
    site = load_site(EXAMPLES / name / "site.yaml").site
    assert site is not None
    assert f"{sum(len(one.points) for one in site.installations)} points" in page


def test_every_kind_of_installation_of_the_large_park_is_sound_and_has_500_points(tmp_path: Path) -> None:
    file = tmp_path / "park.yaml"
    file.write_text(generate.text(len(generate.KINDS)), encoding="utf-8")
    loaded = load_site(file)
    assert [render_fault(one) for one in [*loaded.faults, *loaded.warnings]] == []
    assert loaded.site is not None
    assert {len(here.points) for here in loaded.site.installations} == {generate.POINTS}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("points: {TF1: {LT-1: {curvy: 1}}}", "curvy"),
        ('story: [{at: "25:00", told: {en: a, zh-CN: b}}]', "25:00"),
        ('story: [{at: "02:00", told: {en: a, zh-CN: b}}, {at: "01:00", told: {en: a, zh-CN: b}}]', "order"),
        ('story: [{at: "01:00", told: {en: a, zh-CN: b}]', "day.yaml:3: "),
    ],
)
def test_a_day_that_is_written_wrongly_is_refused_in_words(line: str, words: str, tmp_path: Path) -> None:
    file = tmp_path / "day.yaml"
    points = "" if line.startswith("points") else "\npoints: {}"
    file.write_text(f'date: "2026-03-17"\nseed: 1\n{line}{points}\n', encoding="utf-8")
    with pytest.raises(ConfigError, match=words):
        read_day(file)
