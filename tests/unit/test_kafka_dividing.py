"""Dividing partitions among members: all once, evenly, and little moves."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.kafka_dividing import divide

weights = st.lists(st.integers(0, 6), min_size=1, max_size=24)


@settings(max_examples=200, deadline=None)
@given(weights, st.data())
def test_every_partition_has_one_owner_and_no_move_would_make_it_more_even(
    given_: list[int], data: st.DataObject
) -> None:
    partitions = st.integers(0, len(given_) + 2)  # also such as there are no more
    held = data.draw(st.dictionaries(st.sampled_from("abcdef"), st.sets(partitions), min_size=1))
    made = divide(given_, held)
    assert sorted(one for ones in made.values() for one in ones) == list(range(len(given_)))
    assert set(made) == set(held)
    load = {member: sum(given_[one] for one in ones) for member, ones in made.items()}
    least = min(load.values())
    assert all(given_[one] == 0 or given_[one] >= load[member] - least for member in made for one in made[member])


@settings(max_examples=50, deadline=None)
@given(weights, st.integers(1, 6))
def test_who_divides_again_moves_nothing(given_: list[int], members: int) -> None:
    made = divide(given_, {f"m{n}": [] for n in range(members)})
    assert divide(given_, made) == made


def test_one_that_joins_takes_its_part_and_no_more_moves() -> None:
    before = divide([5] * 12, {"a": [], "b": []})
    after = divide([5] * 12, {**before, "c": []})
    assert [len(ones) for ones in after.values()] == [4, 4, 4]
    assert all(set(after[one]) < set(before[one]) for one in "ab")


def test_one_that_is_gone_leaves_its_part_to_the_others_who_keep_theirs() -> None:
    before = divide([1] * 12, {"a": [], "b": [], "c": []})
    after = divide([1] * 12, {one: before[one] for one in "ab"})
    assert [len(ones) for ones in after.values()] == [6, 6]
    assert all(set(before[one]) < set(after[one]) for one in "ab")


def test_installations_count_not_partitions() -> None:
    made = divide([1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0], {"a": [], "b": [], "c": []})
    assert all(len([one for one in ones if one < 3]) == 1 for ones in made.values())
