"""Bytes of a connection -> MQTT frames, PUBLISH above all. Sans-IO; knows no topics of ours and answers nothing.

`cut_publishes` is the hot path: a run of ordinary PUBLISH packets leaves as two lists, without an object each.
What it does not take as ordinary is cut by `next_frame` and read by `parse_publish`, slowly and completely.
"""

from __future__ import annotations

from collections.abc import Container
from typing import NamedTuple

from ingest import properties
from ingest.packets import V5, packet_id, topic_name
from ingest.properties import Code, Cursor, Violation

_RUNS: dict[int, tuple[int, ...]] = {
    0x30: (0x30,),
    0x31: (0x31,),
    0x32: (0x32, 0x3A),
    0x3A: (0x32, 0x3A),
    0x33: (0x33, 0x3B),
    0x3B: (0x33, 0x3B),
}
"""First byte of a run of PUBLISH packets -> those that may follow in it (QoS 1: with and without dup)."""
_SHORTEST = 5
"""Bytes of the shortest PUBLISH: head, length, topic length, one letter."""


class Frame(NamedTuple):
    """One packet: its first byte and everything behind the length."""

    head: int
    body: bytes


class Publish(NamedTuple):
    """A PUBLISH read completely. `identifier` is empty at QoS 0."""

    qos: int
    retain: bool
    topic: bytes
    payload: bytes
    identifier: bytes


def frame_size(data: bytes, at: int, most: int) -> tuple[int, int] | None:
    """(start of the body, its end) of the packet at `at`; None: its length is not there yet. Raises Violation."""
    size = 0
    for count in range(4):
        place = at + 1 + count
        if place >= len(data):
            return None
        byte = data[place]
        size |= (byte & 0x7F) << (7 * count)
        if byte < 0x80:
            if size > most:
                raise Violation("too_large", Code.TOO_LARGE)
            return place + 1, place + 1 + size
    raise Violation("long_varint")


def next_frame(data: bytes, at: int, most: int) -> tuple[Frame | None, int]:
    """The packet at `at` and where the next begins; (None, the end needed) when it is not whole. Raises Violation."""
    bounds = frame_size(data, at, most)
    if bounds is None:
        return None, at + 2
    start, end = bounds
    if end > len(data):
        return None, end
    return Frame(data[at], data[start:end]), end


def cut_publishes(  # noqa: C901, PLR0915  # one flat loop: a call per packet would cost half the speed
    data: bytes, at: int, version: int, known: Container[bytes], most: int
) -> tuple[list[tuple[bytes, bytes]], list[bytes], int]:
    """A run of whole, ordinary PUBLISH packets from `at` on, all of the first one's QoS (0 or 1) and retain mark.

    Returns (topic, payload) of each, the packet identifiers (QoS 1; else none), and where the run ended: at the
    end of the data, at a packet that is cut off, of another kind, or one that `next_frame` must look at.
    Topics in `known` are not checked again. `most`: bytes of a packet (above 127; no limit is smaller).
    """
    out: list[tuple[bytes, bytes]] = []
    identifiers: list[bytes] = []
    heads = _RUNS.get(data[at], ())
    acknowledged = len(heads) == 2
    five = version == V5
    whole = len(data)
    last = whole - _SHORTEST
    while at <= last and data[at] in heads:
        size = data[at + 1]
        start = at + 2
        if size > 0x7F:
            high = data[start]
            if high > 0x7F:
                break
            size = size & 0x7F | high << 7
            start += 1
            if size > most:
                break
        end = start + size
        if end > whole:
            break
        middle = start + 2 + (data[start] << 8 | data[start + 1])
        topic = data[start + 2 : middle]
        if acknowledged:
            identifier = data[middle : middle + 2]
            middle += 2
            if identifier == b"\0\0":
                break
        if five:
            if middle >= end or data[middle]:
                break
            middle += 1
        if middle > end or (topic not in known and not _sound(topic)):
            break
        if acknowledged:
            identifiers.append(identifier)
        out.append((topic, data[middle:end]))
        at = end
    return out, identifiers, at


def _sound(topic: bytes) -> bool:
    try:
        topic_name(topic)
    except Violation:
        return False
    return True


def parse_publish(frame: Frame, version: int) -> Publish:
    """Any PUBLISH. Raises Violation."""
    qos = frame.head >> 1 & 3
    if qos == 3 or (qos == 0 and frame.head & 8):
        raise Violation("bad_publish_flags")
    cursor = Cursor(frame.body)
    topic = cursor.binary()
    identifier = packet_id(cursor) if qos else b""
    if version == V5 and properties.TOPIC_ALIAS in properties.read(cursor, properties.PUBLISH):
        raise Violation("topic_alias", Code.TOPIC_ALIAS)
    topic_name(topic)
    return Publish(qos, bool(frame.head & 1), topic, cursor.rest(), identifier)
