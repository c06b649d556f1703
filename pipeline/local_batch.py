"""The bytes of one row of the local log: the entries of one commit together. Pure.

One row per commit and not per entry, because Python's sqlite3 gives up the interpreter lock at every row: beside a
busy thread each of them can cost 5 ms, written or read.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from pipeline.log import Entry

ROW_BYTES = 4 << 20
"""A row holds about this much, so that a reader's batches are bounded however much is appended at once."""

_STAMPED = struct.Struct("<qq")  # first position, stamp
_HEADER = struct.Struct("<II")  # entries, bytes of names
_ENTRY = struct.Struct("<II")  # number of its installation's name, bytes of data
_names = msgspec.json.Decoder(list[str])

Item = tuple[str, bytes]


def rows(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """Cuts `items` into what goes into one row each."""
    begin = size = 0
    for at, (_, data) in enumerate(items):
        if at > begin and size + len(data) > ROW_BYTES:
            yield items[begin:at]
            begin, size = at, 0
        size += len(data)
    yield items[begin:]


def pack(items: Sequence[Item]) -> bytes:
    """Header, installation names as a JSON list, (name, length) of every entry, then all data end to end."""
    numbers: dict[str, int] = {}
    index = [_ENTRY.pack(numbers.setdefault(name, len(numbers)), len(data)) for name, data in items]
    names = msgspec.json.encode(list(numbers))
    return b"".join([_HEADER.pack(len(items), len(names)), names, *index, *(data for _, data in items)])


def checksum(first: int, stamp: int, packed: bytes) -> int:
    """CRC-32 over all that a row says."""
    return zlib.crc32(packed, zlib.crc32(_STAMPED.pack(first, stamp)))


def unpack(first: int, stamp: int, packed: bytes, start: int, after: Mapping[str, int]) -> tuple[list[Entry], int]:
    """The entries at position `start` and later that `after` does not say are known, and the position behind the row.

    `packed` has passed its checksum.
    """
    count, names_size = _HEADER.unpack_from(packed)
    at = _HEADER.size + names_size
    names = _names.decode(packed[_HEADER.size : at])
    known = [max(start - 1, after.get(name, 0)) for name in names]
    data_at = at + count * _ENTRY.size
    entries = []
    for position, (number, size) in enumerate(_ENTRY.iter_unpack(packed[at:data_at]), first):
        if position > known[number]:
            entries.append(Entry(names[number], position, stamp, packed[data_at : data_at + size]))
        data_at += size
    return entries, first + count
