"""Cutting frames: the quick way and the complete way see the same messages, and rubbish only ever closes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.frames import Publish, cut_publishes, next_frame, parse_publish
from ingest.properties import Code, Violation
from tests.listening import packet, publish

MOST = 100_000


def slowly(data: bytes, version: int) -> tuple[list[Publish], int, str | None]:
    """Every whole PUBLISH from the front, by the complete parser; where it stopped and why."""
    found: list[Publish] = []
    at = 0
    while at < len(data):
        try:
            frame, end = next_frame(data, at, MOST)
            if frame is None or frame.head >> 4 != 3:
                return found, at, None
            found.append(parse_publish(frame, version))
        except Violation as violation:
            return found, at, violation.reason
        at = end
    return found, at, None


def quickly(data: bytes, version: int, known: frozenset[bytes] = frozenset()) -> tuple[list[Publish], int, str | None]:
    """As the connection does it: runs first, and the complete parser for what is left over."""
    found: list[Publish] = []
    at = 0
    while at < len(data):
        head = data[at]
        messages, identifiers, end = cut_publishes(data, at, version, known, MOST)
        assert not identifiers or len(identifiers) == len(messages)
        names = identifiers or [b""] * len(messages)
        pairs = zip(messages, names, strict=True)
        found += [Publish(head >> 1 & 3, bool(head & 1), topic, payload, name) for (topic, payload), name in pairs]
        if end > at:
            at = end
            continue
        try:
            frame, end = next_frame(data, at, MOST)
            if frame is None or frame.head >> 4 != 3:
                return found, at, None
            found.append(parse_publish(frame, version))
        except Violation as violation:
            return found, at, violation.reason
        at = end
    return found, at, None


topics = st.one_of(
    st.sampled_from([b"hazardwatch/v1/TF1/LT-101", b"a", b"x" * 200, b"", b"a/+", b"a\0b", b"\xff", "温".encode()]),
    st.binary(max_size=5),
)
bodies = st.one_of(st.binary(max_size=20), st.sampled_from([b"", b"1" * 130, b"1" * 17_000]))
properties = st.sampled_from([b"", b"\x01\x00", b"\x23\x00\x01", b"\x26\x00\x01a\x00\x01b", b"\x7f"])
heads = st.sampled_from([0x30, 0x31, 0x32, 0x33, 0x34, 0x36, 0x38, 0x3A, 0x3B, 0x3C])


@st.composite
def streams(draw: st.DrawFn, version: int) -> bytes:
    parts = []
    for _ in range(draw(st.integers(0, 8))):
        kind = draw(st.integers(0, 9))
        if kind == 0:
            parts.append(draw(st.binary(max_size=12)))
        elif kind == 1:
            parts.append(packet(draw(st.integers(0, 255)), draw(st.binary(max_size=9))))
        else:
            head, number = draw(heads), draw(st.integers(0, 3))
            one = publish(draw(bodies), number, topic=draw(topics), head=head, version=version, props=draw(properties))
            parts.append(one)
    data = b"".join(parts)
    return data[: draw(st.integers(0, len(data)))] if draw(st.booleans()) else data


@given(streams(4))
@settings(max_examples=500, deadline=None)
def test_the_quick_way_sees_what_the_complete_one_sees_in_3_1_1(data: bytes) -> None:
    assert quickly(data, 4) == slowly(data, 4)


@given(streams(5))
@settings(max_examples=500, deadline=None)
def test_the_quick_way_sees_what_the_complete_one_sees_in_5(data: bytes) -> None:
    assert quickly(data, 5) == slowly(data, 5)


@given(st.binary(max_size=200), st.sampled_from([4, 5]))
@settings(max_examples=500, deadline=None)
def test_rubbish_is_read_the_same_both_ways(data: bytes, version: int) -> None:
    assert quickly(data, version) == slowly(data, version)


@pytest.mark.parametrize("size", [0, 1, 100, 101, 102, 103, 126, 16_000, 16_356, 16_357, 16_358, 16_400, 70_000])
def test_every_length_of_a_packet_is_cut_at_its_end(size: int) -> None:
    data = publish(b"7" * size, 9) + publish("2", 10)
    assert [one.payload for one in quickly(data, 4)[0]] == [b"7" * size, b"2"]


def test_a_run_ends_where_qos_or_the_retain_mark_changes() -> None:
    parts = [publish("1", 1), publish("2", 2, head=0x3A), publish("3", 3, head=0x33), publish("4", head=0x31)]
    data = b"".join(parts)
    messages, identifiers, end = cut_publishes(data, 0, 4, frozenset(), MOST)
    assert ([payload for _, payload in messages], identifiers) == ([b"1", b"2"], [b"\0\1", b"\0\2"])
    assert end == len(parts[0]) + len(parts[1])
    messages, identifiers, end = cut_publishes(data, end, 4, frozenset(), MOST)
    assert ([payload for _, payload in messages], identifiers) == ([b"3"], [b"\0\3"])


def test_a_packet_above_the_limit_is_a_violation_before_it_has_come() -> None:
    with pytest.raises(Violation) as caught:
        next_frame(publish("1" * 2000)[:4], 0, 1000)
    assert caught.value.code is Code.TOO_LARGE
    assert cut_publishes(publish("1" * 2000), 0, 4, frozenset(), 1000) == ([], [], 0)


def test_how_much_is_still_to_come_is_told() -> None:
    whole = publish("1" * 500)
    assert next_frame(whole[:1], 0, MOST) == (None, 2)
    assert next_frame(whole[:3], 0, MOST) == (None, len(whole))
