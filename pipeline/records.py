"""The bytes of every record: plant log and alarm log (docs/messages.md shows the layout). Pure.

A record's first byte is its kind. Reading blocks are columns of little-endian binary; everything else is
JSON behind the kind byte, so that an inspector can read it without our program.
"""

from __future__ import annotations

import struct
from enum import IntEnum
from functools import lru_cache

import msgspec
import numpy as np

from pipeline.config_records import ConfigAsk, ConfigDecision, ConfigPart
from pipeline.model import Block, Command, DeadLetter, Delivery, Event, Judged, Standing, WarningAct, WarningEvent
from pipeline.site import Site
from pipeline.site_record import site_json, site_of


class Kind(IntEnum):
    """First byte of a record. Numbers are for ever: never reuse one."""

    READINGS = 1
    TICK = 2
    COMMAND = 3
    CONFIG = 4
    DEAD_LETTER = 5
    CONFIG_PART = 6
    CONFIG_ASK = 7
    CONFIG_DECISION = 8
    WARNING_ACT = 9
    EVENT = 16
    JUDGED = 17
    DELIVERY = 18
    STANDING = 19
    WARNING = 24


_HEADER = struct.Struct("<BBHIII")  # kind, version, 0, readings, points, bytes of names
_COPY = struct.Struct("<BcQ")
_VERSION = 1
_Change = ConfigPart | ConfigAsk | ConfigDecision
Record = Command | DeadLetter | _Change | Event | Judged | Delivery | Standing | WarningAct | WarningEvent
_JSON_KINDS: dict[type, Kind] = {
    Command: Kind.COMMAND,
    DeadLetter: Kind.DEAD_LETTER,
    ConfigPart: Kind.CONFIG_PART,
    ConfigAsk: Kind.CONFIG_ASK,
    ConfigDecision: Kind.CONFIG_DECISION,
    Event: Kind.EVENT,
    Judged: Kind.JUDGED,
    Delivery: Kind.DELIVERY,
    Standing: Kind.STANDING,
    WarningAct: Kind.WARNING_ACT,
    WarningEvent: Kind.WARNING,
}
_TYPES: dict[int, type] = {kind: type_ for type_, kind in _JSON_KINDS.items()}
_encoder = msgspec.json.Encoder()
_decoders: dict[int, msgspec.json.Decoder[Record]] = {
    kind: msgspec.json.Decoder(type_) for kind, type_ in _TYPES.items()
}


TICK_RECORD = bytes([Kind.TICK])
CHANGE_KINDS = frozenset({Kind.CONFIG_PART, Kind.CONFIG_ASK, Kind.CONFIG_DECISION})
"""Of SYSTEM's log; whoever does not decide or show configuration changes passes over them."""


class BadRecord(Exception):
    """These bytes are not a record this version can read."""


def _padded(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % 8)


def encode_block(block: Block) -> bytes:
    """Header, names joined by newline, then index u16, stamp i64, value f64, flags u8; each column padded to 8."""
    names = "\n".join(block.points).encode()
    parts = [
        _HEADER.pack(Kind.READINGS, _VERSION, 0, len(block), len(block.points), len(names)),
        names,
        block.index.astype("<u2", copy=False).tobytes(),
        block.stamp.astype("<i8", copy=False).tobytes(),
        block.value.astype("<f8", copy=False).tobytes(),
        block.flags.astype("u1", copy=False).tobytes(),
    ]
    return b"".join(_padded(part) for part in parts)


@lru_cache(maxsize=16)  # records of one plant name the same points again and again; at most ~0.5 MB each
def _names(joined: bytes) -> tuple[str, ...]:
    return tuple(joined.decode().split("\n"))


def decode_block(data: bytes) -> Block:
    """The inverse of `encode_block`; the columns are read-only views into `data`. Raises BadRecord."""
    try:
        kind, version, _, count, points, names_size = _HEADER.unpack_from(data)
        at = _HEADER.size + (-_HEADER.size % 8)
        if kind != Kind.READINGS or version != _VERSION:
            raise BadRecord(f"kind {kind} version {version} is no reading block of version {_VERSION}")
        names = _names(data[at : at + names_size]) if points else ()
        at += names_size + (-names_size % 8)
        columns = []
        for dtype in ("<u2", "<i8", "<f8", "u1"):
            column = np.frombuffer(data, dtype, count, at)
            columns.append(column)
            at += column.nbytes + (-column.nbytes % 8)
    except (struct.error, ValueError) as error:
        raise BadRecord(f"a reading block is cut short or damaged: {error}") from error
    if len(names) != points or (count and int(columns[0].max()) >= points):
        raise BadRecord("a reading block's names and indexes disagree")
    return Block(names, columns[0], columns[1], columns[2], columns[3])


def encode_site(site: Site) -> bytes:
    """A CONFIG record; `site` holds only the installation of its own log (pipeline.site.of_installation)."""
    return bytes([Kind.CONFIG]) + site_json(site)


def config_copy(data: bytes, position: int) -> bytes:
    """A CONFIG record of the plant log as the alarm log carries it: kind, "@", its plant position as u64, JSON."""
    return _COPY.pack(Kind.CONFIG, b"@", position) + data[1:]


def config_place(data: bytes) -> int | None:
    """The plant position in a copy; None in the record itself, and in copies from before there were several engines."""
    return int(_COPY.unpack_from(data)[2]) if data[1:2] == b"@" and len(data) > _COPY.size else None


def config_json(data: bytes) -> bytes:
    """The JSON of a CONFIG record or of its copy."""
    return data[1:] if config_place(data) is None else data[_COPY.size :]


def decode_site(data: bytes) -> Site:
    """What a CONFIG record, or its copy, says. Raises BadRecord, also for what only another version can read."""
    try:
        return site_of(config_json(data))
    except msgspec.MsgspecError as error:
        raise BadRecord(f"a configuration record cannot be read: {error}") from error


def encode(record: Record) -> bytes:
    """Kind byte and JSON."""
    return bytes([_JSON_KINDS[type(record)]]) + _encoder.encode(record)


def decode(data: bytes) -> Record:
    """The inverse of `encode`. Raises BadRecord for other kinds and damaged JSON."""
    decoder = _decoders.get(data[0]) if data else None
    if decoder is None:
        raise BadRecord(f"record kind {data[:1].hex() or 'empty'} is unknown here")
    try:
        return decoder.decode(memoryview(data)[1:])
    except msgspec.MsgspecError as error:
        raise BadRecord(f"a record's JSON is damaged: {error}") from error
