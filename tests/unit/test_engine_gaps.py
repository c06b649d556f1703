"""The engine over gaps in log time and over records it cannot read: nothing is lost, nothing takes for ever."""

from __future__ import annotations

import pytest

from hazardwatch.engine import Engine
from hazardwatch.replay import replay_log
from pipeline.log import Entry
from pipeline.model import Command, Event
from pipeline.records import TICK_RECORD, BadRecord, Kind, encode, encode_block, encode_site
from pipeline.site import of_installation
from tests.engine_play import block_of
from tests.oracle.records import Reading
from tests.oracle.sites import INSTALLATION, oracle_site

HIGH = f"{INSTALLATION}/LT-1/HH"
DECADES_MS = 1_763_800_000_000


def started() -> Engine:
    """Configured at 1 s, with a reading beyond HH at 2 s."""
    engine = Engine(INSTALLATION)
    engine.configure(oracle_site(), 1_000)
    raised = engine.take(entry(2_000, encode_block(block_of([Reading("LT-1", 2_000, 14.0)]))))
    assert HIGH in [event.alarm for event in raised]
    return engine


def entry(stamp: int, data: bytes = TICK_RECORD) -> Entry:
    return Entry(INSTALLATION, stamp, stamp, data)


def told(events: list[Event]) -> list[tuple[str, str, int]]:
    return [(event.alarm, event.event, event.time) for event in events]


@pytest.mark.parametrize("unreadable", [bytes([Kind.READINGS]) + b"cut", bytes([Kind.CONFIG]) + b'{"id":1}', b""])
def test_the_seconds_before_a_record_nobody_can_read_are_judged_when_it_is_taken_as_a_tick(unreadable: bytes) -> None:
    engine, undisturbed = started(), started()
    for stamp in range(3_000, 12_000, 1_000):
        engine.take(entry(stamp))
        undisturbed.take(entry(stamp))
    with pytest.raises(BadRecord):
        engine.take(entry(13_100, unreadable))
    events = engine.take(entry(13_100))
    assert (f"{INSTALLATION}/LT-1/STALE", "raised", 12_000) in told(events)
    assert told(events) == told(undisturbed.take(entry(13_100)))


@pytest.mark.timeout(20)
def test_a_clock_set_right_by_decades_is_got_over_at_once_and_timers_in_between_still_end() -> None:
    engine = started()
    engine.take(entry(3_000, encode(Command(command="acknowledge", by="li.wei", alarm=HIGH))))
    events = engine.take(entry(DECADES_MS))
    assert (HIGH, "reraised", 63_000) in told(events)
    assert engine.judged_second == DECADES_MS - 1_000


def test_the_replay_of_a_log_takes_such_a_record_as_the_service_did() -> None:
    site = of_installation(oracle_site(), INSTALLATION)
    beyond = encode_block(block_of([Reading("LT-1", 2_000, 14.0)]))
    log = [entry(1_000, encode_site(site)), entry(2_000, beyond), entry(2_500, b"\x01cut"), entry(2_600, b"")]
    assert HIGH in [event.alarm for event in replay_log(log)]
