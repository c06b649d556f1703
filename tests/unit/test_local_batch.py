from hypothesis import given
from hypothesis import strategies as st

from pipeline.local_batch import ROW_BYTES, checksum, pack, rows, unpack
from pipeline.log import Entry

items = st.lists(st.tuples(st.text(max_size=5), st.binary(max_size=40)), min_size=1, max_size=30)


@given(items, st.integers(1, 2**62), st.integers(-(2**63), 2**63 - 1))
def test_what_is_packed_comes_back(given_items: list[tuple[str, bytes]], first: int, stamp: int) -> None:
    entries, behind = unpack(first, stamp, pack(given_items), 0, {})
    assert entries == [Entry(name, first + n, stamp, data) for n, (name, data) in enumerate(given_items)]
    assert behind == first + len(given_items)


@given(items, st.integers(0, 40), st.dictionaries(st.text(max_size=5), st.integers(0, 40)))
def test_only_what_is_not_known_is_unpacked(
    given_items: list[tuple[str, bytes]], start: int, after: dict[str, int]
) -> None:
    everything, behind = unpack(5, 0, pack(given_items), 0, {})
    entries, same = unpack(5, 0, pack(given_items), start, after)
    assert entries == [e for e in everything if e.position >= start and e.position > after.get(e.installation, 0)]
    assert same == behind


@given(items, st.data())
def test_a_changed_byte_changes_the_checksum(given_items: list[tuple[str, bytes]], data: st.DataObject) -> None:
    packed = bytearray(pack(given_items))
    right = checksum(7, 9, bytes(packed))
    packed[data.draw(st.integers(0, len(packed) - 1))] ^= data.draw(st.integers(1, 255))
    assert checksum(7, 9, bytes(packed)) != right
    assert checksum(8, 9, pack(given_items)) != right
    assert checksum(7, 10, pack(given_items)) != right


def test_rows_are_bounded_but_an_entry_is_never_cut() -> None:
    third = bytes(ROW_BYTES // 3)
    given_items = [("A", third)] * 7 + [("B", bytes(2 * ROW_BYTES)), ("A", b"")]
    cut = list(rows(given_items))
    assert [len(row) for row in cut] == [3, 3, 1, 1, 1]
    assert [item for row in cut for item in row] == given_items
