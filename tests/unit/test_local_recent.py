from hypothesis import given
from hypothesis import strategies as st

from pipeline.local_recent import Recent
from pipeline.log import Entry


@given(
    st.lists(st.lists(st.tuples(st.sampled_from("AB"), st.binary(max_size=300)), max_size=4), max_size=20),
    st.integers(0, 60),
    st.dictionaries(st.sampled_from("AB"), st.integers(0, 60)),
)
def test_it_gives_exactly_what_was_added_or_says_that_the_disk_must_be_asked(
    appends: list[list[tuple[str, bytes]]], start: int, after: dict[str, int]
) -> None:
    recent = Recent(first=7, max_bytes=1_000)
    everything: list[Entry] = []
    for stamp, items in enumerate(appends):
        recent.add(stamp, items)
        everything += [Entry(name, 7 + len(everything) + n, stamp, data) for n, (name, data) in enumerate(items)]
    found = recent.read(start, after)
    wanted = [e for e in everything if e.position >= start and e.position > after.get(e.installation, 0)]
    if found is None:
        assert start < 7 or sum(len(e.data) + 100 for e in everything) > 1_000
    else:
        assert found == (wanted, max(start, 7 + len(everything)))


def test_an_append_larger_than_all_it_may_hold_is_left_to_the_disk() -> None:
    recent = Recent(first=1, max_bytes=1_000)
    recent.add(0, [("A", b"1")])
    recent.add(0, [("A", bytes(2_000))])
    assert recent.read(1, {}) is None
    assert recent.read(2, {}) is None
    assert recent.read(3, {}) == ([], 3)
