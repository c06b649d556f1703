"""Where reading a partition begins: each of the installations that share it counts for itself."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.kafka_partitions import Place, Places, encode_place
from pipeline.kafka_reader import begin_at


def test_an_installation_that_came_late_does_not_have_the_whole_partition_read() -> None:
    assert begin_at({"OLD": 900_000}, {"OLD": 0, "NEW": 899_000}, 0, 900_100).first == 899_000
    assert begin_at({"OLD": 900_000}, {"OLD": 0, "NEW": None}, 0, 900_100).first == 900_000
    assert begin_at({}, {"NEW": None}, 0, 900_100).first == 900_100
    assert begin_at({}, {}, 0, 900_100).first == 900_100


def test_a_lost_tail_is_seen_though_another_installation_had_read_less() -> None:
    found = begin_at({"A": 1000, "B": 990}, {"A": 0, "B": 0}, 0, 995)
    assert (found.first, found.lost) == (990, 1000)


def test_a_hole_is_seen_though_another_installation_has_read_nothing() -> None:
    assert begin_at({"A": 40}, {"A": 0, "B": 0}, 50, 100).trimmed == 40
    assert begin_at({}, {"A": 0, "B": 0}, 50, 100).trimmed is None


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("ABC"), st.booleans()), max_size=12),
    st.dictionaries(st.sampled_from("ABC"), st.integers(0, 12)),
)
def test_nothing_that_is_to_come_is_left_out(records: list[tuple[str, bool]], after: dict[str, int]) -> None:
    known: dict[str, int | None] = dict.fromkeys("ABC")
    for offset, (one, _) in enumerate(records):
        known[one] = offset if known[one] is None else known[one]
    found = begin_at(after, known, 0, len(records))
    missed = [one for offset, (one, _) in enumerate(records) if after.get(one, 0) <= offset < found.first]
    assert not missed
    assert found.first <= len(records)


@pytest.mark.parametrize("written", [b'{"partition":3,"topic":"plant"}', encode_place(Place(3, "plant", 70))])
def test_the_first_record_that_names_a_topic_says_where_its_entries_begin(written: bytes) -> None:
    places = Places()
    places.take("A", encode_place(Place(3)))
    assert places.first("plant", "A") is None
    places.take("A", written)
    places.take("A", encode_place(Place(3, "plant", 80)))
    assert places.first("plant", "A") == (70 if b"70" in written else 0)
