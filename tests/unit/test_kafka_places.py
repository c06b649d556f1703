"""Who has which partition: the first record decides, for ever."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.kafka_partitions import Place, Places, encode_place
from pipeline.kafka_writer import _RECORD_BYTES, batches, size_of

records = st.tuples(
    st.sampled_from("ABC"), st.builds(Place, st.integers(0, 5), st.sampled_from([None, "plant", "alarm"]))
)


@settings(max_examples=100, deadline=None)
@given(st.lists(records, max_size=12))
def test_the_first_record_of_an_installation_wins_and_its_topics_add_up(given_: list[tuple[str, Place]]) -> None:
    places = Places()
    for installation, place in given_:
        places.take(installation, encode_place(place))
    for name in "ABC":
        own = [place for installation, place in given_ if installation == name]
        assert places.partition(name) == (own[0].partition if own else None)
        for topic in ("plant", "alarm"):
            assert places.has_entries(topic, name) == any(place.topic == topic for place in own)
    assert sum(places.weights(6)) == len({installation for installation, _ in given_})
    assert {one for ones in places.on(range(6)).values() for one in ones} == {one for one, _ in given_}


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"partition":"1"}'])
def test_what_is_no_place_is_refused(data: bytes) -> None:
    with pytest.raises(msgspec.MsgspecError):
        Places().take("A", data)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.binary(max_size=8), st.none() | st.binary(max_size=90)), min_size=1), st.integers(80, 400))
def test_batches_hold_all_records_in_order_and_no_more_than_they_may(
    given_: list[tuple[bytes, bytes | None]], most: int
) -> None:
    made = batches(given_, most)
    assert [record for batch in made for record in batch] == given_
    assert all(len(batch) == 1 or sum(map(size_of, batch)) <= most for batch in made)
    assert all(batch for batch in made)
    assert _RECORD_BYTES > 0
