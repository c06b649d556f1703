"""The demo's count of what is stored stays exact while old readings are settled and counted no more."""

from hazardwatch.demo.tally import Mark, Tally

START = 1_000_000
PER_TICK = 22


def asked(tally: Tally, times: list[int], now_ms: int) -> tuple[bool, int]:
    """What the demo does at each turn: (agrees, all readings stored)."""
    settled, cut = tally.settled, tally.cut(now_ms)
    behind = [time for time in times if time > settled.time_ms]
    return tally.agrees(cut, sum(time <= cut.time_ms for time in behind)), settled.total + len(behind)


def test_hours_are_counted_exactly_and_the_window_stays_short() -> None:
    tally, times = Tally(START), []
    for second in range(1, 3 * 3600, 10):
        now = START + second * 1000
        times += [now] * PER_TICK
        tally.published(now, len(times))
        assert asked(tally, times, now) == (True, len(times))
    assert now - tally.settled.time_ms < 90_000


def test_readings_still_on_the_way_are_not_called_missing() -> None:
    tally = Tally(START)
    tally.published(START + 1000, 22)
    tally.published(START + 2000, 44)
    assert tally.cut(START + 2000) == Mark(START, 0)
    assert tally.cut(START + 4500) == Mark(START + 1000, 22)
    assert asked(tally, [START + 1000] * 22, START + 4500) == (True, 22)


def test_what_is_missing_is_never_settled_away() -> None:
    tally, times = Tally(START), []
    for second in range(1, 600, 10):
        now = START + second * 1000
        times += [now] * (PER_TICK - (second == 11))
        tally.published(now, len(times) + (second >= 11))
        whole, stored = asked(tally, times, now)
        assert whole == (second <= 11)
        assert stored == len(times)


def test_a_doubled_reading_is_one_too_many() -> None:
    tally = Tally(START)
    tally.published(START + 1000, 22)
    assert asked(tally, [START + 1000] * 23, START + 9000) == (False, 23)
