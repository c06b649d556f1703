"""How a site is cut into broker sessions: each topic in exactly one, and a change of the site renames none."""

from __future__ import annotations

import pytest

from ingest.mapped import matches
from ingest.units import overlap, units_of
from pipeline.site import Site, Source, SourceReadings
from tests.ingest_parts import TF1, TF2, site


def source(topic: str) -> Source:
    return Source(topic=topic, readings=SourceReadings(installation="{1}", point="{2}", value="v"))


def plant(*topics: str) -> Site:
    return site(sources=[source(topic) for topic in topics])


def test_undivided_there_is_one_session_for_everything() -> None:
    (unit,) = units_of(plant("legacy/+/+/telemetry"), divided=False)
    assert unit.client_id == "hazardwatch-test"
    assert unit.filters == (
        "legacy/+/+/telemetry",
        "hazardwatch/v1/TF1",
        "hazardwatch/v1/TF1/+",
        "hazardwatch/v1/TF2",
        "hazardwatch/v1/TF2/+",
    )


def test_divided_each_installation_and_each_source_has_a_session_and_each_filter_is_in_one() -> None:
    units = units_of(plant("a/+/+/x", "b/+/+/x"), divided=True)
    assert [one.client_id for one in units[:2]] == ["hazardwatch-test:TF1", "hazardwatch-test:TF2"]
    assert [one.home for one in units[:2]] == ["TF1", "TF2"]
    assert all(one.client_id.startswith("hazardwatch-test:source:") for one in units[2:])
    assert len({one.client_id for one in units}) == 4
    filters = [one for unit in units for one in unit.filters]
    assert len(filters) == len(set(filters)) == 6


def test_sources_that_share_a_topic_share_a_session() -> None:
    units = units_of(plant("a/+/+/x", "other/#", "a/TF1/+/#", "b"), divided=True)
    assert [set(one.filters) for one in units[2:]] == [{"other/#"}, {"a/+/+/x", "a/TF1/+/#"}, {"b"}]


def test_a_new_installation_renames_no_session_so_that_no_queue_is_left_behind() -> None:
    before = {one.client_id for one in units_of(plant("a/+/+/x", "b/+/+/x"), divided=True)}
    third = site(
        installations=[TF1, TF2, TF1.__class__(id="TF3", name=TF1.name)], sources=plant("b/+/+/x", "a/+/+/x").sources
    )
    after = {one.client_id for one in units_of(third, divided=True)}
    assert after - before == {"hazardwatch-test:TF3"}
    assert before < after


def test_a_source_that_also_matches_native_topics_leaves_those_to_their_installations() -> None:
    everything, some = units_of(plant("#"), divided=True)[2:], units_of(plant("a/#"), divided=True)[2:]
    assert [one.mapped_only for one in (*everything, *some)] == [True, False]


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        ("a/b", "a/b", "a/b"),
        ("a/b", "a/c", None),
        ("a/b", "a/b/c", None),
        ("a/+", "+/b", "a/b"),
        ("a/+/c", "a/b/+", "a/b/c"),
        ("a/+", "a/b/c", None),
        ("a/#", "a", "a"),
        ("a/#", "a/b/+", "a/b/x"),
        ("a/#", "b/#", None),
        ("#", "a/+/c", "a/b/c"),
    ],
)
def test_filters_overlap_when_a_topic_matches_both(one: str, other: str, shared: str | None) -> None:
    assert overlap(one, other) == overlap(other, one) == (shared is not None)
    if shared is not None:
        assert matches(one).fullmatch(shared)
        assert matches(other).fullmatch(shared)
