"""Refused messages are kept, bounded in size and number, and every one is counted."""

from __future__ import annotations

from ingest.dead_letters import MOST_PAYLOAD, WHOLE_PER_SECOND, DeadLetters
from pipeline.model import DeadLetter
from pipeline.records import decode


def letters(records: list[bytes]) -> list[DeadLetter]:
    found = [decode(one) for one in records]
    assert all(isinstance(one, DeadLetter) for one in found)
    return found  # type: ignore[return-value]  # asserted above


def test_a_letter_holds_the_payload_up_to_64_kib() -> None:
    box = DeadLetters()
    box.add("a/b", "not_json", "x" * 5000, b"p" * 100_000, 1.0)
    (letter,) = letters(box.take(1.5))
    assert (letter.topic, letter.reason, letter.count) == ("a/b", "not_json", 1)
    assert len(letter.payload) == MOST_PAYLOAD == 65_536
    assert len(letter.detail) == 1000
    assert box.take(1.6) == []


def test_a_hundred_a_second_are_whole_and_the_rest_are_counted_by_reason() -> None:
    box = DeadLetters()
    for n in range(250):
        box.add("t", "not_json" if n % 2 else "no_zone", "", b"p", 7.1)
    assert len(letters(box.take(7.2))) == WHOLE_PER_SECOND == 100
    assert box.counting
    assert box.take(7.9) == []
    counted = letters(box.take(8.0))
    assert sorted((one.reason, one.count, one.payload) for one in counted) == [
        ("no_zone", 75, b""),
        ("not_json", 75, b""),
    ]
    assert not box.counting


def test_a_new_second_has_room_again_and_nothing_of_the_old_is_forgotten() -> None:
    box = DeadLetters()
    for second in (7.0, 8.0):
        for _ in range(101):
            box.add("t", "empty", "", b"", second)
    assert [one.count for one in letters(box.take(9.0))] == [1] * 100 + [1] + [1] * 100 + [1]


def test_no_second_wherever_it_begins_has_more_than_a_hundred_whole_letters() -> None:
    box = DeadLetters()
    for second in (7.9, 8.1):
        for _ in range(100):
            box.add("t", "empty", "", b"p", second)
    assert len([one for one in letters(box.take(9.0)) if one.payload]) == 100


def test_the_payloads_held_are_counted_in_bytes_until_they_are_taken() -> None:
    box = DeadLetters()
    box.add("t", "empty", "", b"p" * 100, 7.0)
    box.add("t", "empty", "", b"p" * 100_000, 7.0)
    assert box.size == 100 + 64 * 1024
    box.take(7.5)
    assert box.size == 0
