"""Windows hold exactly the samples in (t - window, t], however many there are and however lanes grow."""

from __future__ import annotations

import numpy as np

from rules.rings import Lanes
from rules.slope_windows import SlopeWindows

WINDOW_MS = 60_000


def _held(windows: SlopeWindows, lane: int) -> list[tuple[int, float]]:
    times, values = windows.rings.samples(lane)
    return list(zip(times.tolist(), values.tolist(), strict=True))


def test_lanes_of_different_paces_outgrow_their_room_together_and_lose_nothing() -> None:
    lanes = 9
    windows = SlopeWindows(np.full(lanes, WINDOW_MS, np.int64))
    sent: list[list[tuple[int, float]]] = [[] for _ in range(lanes)]
    drawn = np.random.default_rng(3)
    for step in range(1, 1_200):
        some = np.array([lane for lane in range(lanes) if step % (lane + 1) == 0])
        values = drawn.normal(size=len(some))
        windows.push(some, np.full(len(some), 100 * step), values)
        for lane, value in zip(some.tolist(), values.tolist(), strict=True):
            sent[lane].append((100 * step, value))
    for lane in range(lanes):
        newest = sent[lane][-1][0]
        assert _held(windows, lane) == [one for one in sent[lane] if one[0] > newest - WINDOW_MS]


def test_a_lane_that_speaks_faster_after_it_has_dropped_some_outgrows_its_room_and_loses_nothing() -> None:
    windows = SlopeWindows(np.full(2, WINDOW_MS, np.int64))
    sent: list[list[tuple[int, float]]] = [[], []]
    for time in [*range(0, 200_000, 2_000), *range(200_000, 290_000, 100)]:
        values = [time / 7, -time / 3]
        windows.push(np.array([0, 1]), np.full(2, time), np.array(values))
        for lane, value in enumerate(values):
            sent[lane].append((time, value))
    for lane in range(2):
        assert _held(windows, lane) == [one for one in sent[lane] if one[0] > 289_900 - WINDOW_MS]


def test_the_quick_estimate_is_the_exact_fit_within_its_error_wherever_the_line_turns() -> None:
    windows = SlopeWindows(np.full(1, WINDOW_MS, np.int64))
    one = np.array([0])
    for second in range(400):
        value = 7 + abs(second % 100 - 50) / 10
        windows.push(one, 1_800_000_000_000 + 1_000 * np.array([second]), np.array([value]))
        fit, estimate = windows.fit(0), windows.estimate(one)
        assert estimate.decided[0] == (fit is not None)
        if fit is not None:
            assert abs(estimate.slope[0] - fit.slope) <= estimate.error[0]
            assert abs(estimate.value[0] - fit.value) <= estimate.error[0] * WINDOW_MS + 1e-9 * abs(fit.value)


def test_what_is_held_goes_into_other_windows_and_on() -> None:
    windows = SlopeWindows(np.full(3, WINDOW_MS, np.int64))
    for quarter in range(800):
        windows.push(np.array([0, 2]), np.full(2, 250 * quarter), np.array([0.5, -0.25]) * quarter)
    others = SlopeWindows(np.full(3, WINDOW_MS, np.int64))
    for lane, taken in windows.rings.taken().items():
        others.put_back(lane, taken)
    assert list(windows.rings.taken()) == [0, 2]
    for each in (windows, others):
        each.push(np.array([0, 2]), np.full(2, 200_000), np.array([100.0, -50.0]))
    assert [_held(others, lane) for lane in range(3)] == [_held(windows, lane) for lane in range(3)]
    assert others.fit(0) == windows.fit(0)


def test_many_lanes_that_outgrow_their_room_at_once_copy_it_a_few_times_only() -> None:
    lanes = np.arange(2_000)
    windows = SlopeWindows(np.full(len(lanes), WINDOW_MS, np.int64))
    rooms = {id(windows.rings.time): windows.rings.time}
    for tenth in range(300):
        windows.push(lanes, np.full(len(lanes), 200 * tenth), np.zeros(len(lanes)))
        rooms[id(windows.rings.time)] = windows.rings.time
    assert len(rooms) <= 6


class Counting(SlopeWindows):
    """Counts the places it looks at when it makes sums anew."""

    looked_at = 0

    def _rebase_alike(self, lanes: Lanes) -> None:
        self.looked_at += len(lanes) * int((self.rings.head[lanes] - self.rings.tail[lanes]).max())
        super()._rebase_alike(lanes)


def test_a_device_whose_clock_stands_still_holds_up_no_other() -> None:
    lanes = np.arange(500)
    windows = Counting(np.full(len(lanes), WINDOW_MS, np.int64))
    stuck = np.array([0])
    for number in range(5_000):
        windows.push(stuck, np.array([1_000]), np.array([float(number % 7)]))
    windows.looked_at = 0
    for second in range(2, 66):
        windows.push(lanes, np.where(lanes == 0, 1_000, 1_000 * second), np.sin(lanes + second))
    assert windows.looked_at < 2 * (5_064 + 64 * len(lanes))
    assert windows.fit(0) is None
    assert windows.fit(1) is not None
