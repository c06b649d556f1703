"""Devices and gateways that misbehave plausibly: values near the limits, wrong clocks, held-back readings.

They know nothing of records and people.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from pipeline.site import Point
from tests.oracle.records import NULL, Reading

AHEAD = (1, 400, 5_000, 29_999, 30_000, 30_001, 45_000, 60_000, 60_001, 90_000, 3_600_000, 7_200_000)
BEHIND = (-1, -300, -1_000, -30_000, -45_000, -60_000, -60_001, -61_000, -90_000, -600_000, -3_600_000)


def values_of(point: Point) -> tuple[float, ...]:
    """Values worth sending: setpoints, deadband edges, the range's and the live zone's ends, and just beside them."""
    if point.low is None or point.high is None:
        return (0.0, 1.0)
    span = point.high - point.low
    middle = round(point.low + 0.45 * span, 3)
    found = [middle, middle, point.low, point.high]
    for alarm in point.alarms:
        if alarm.setpoint is not None:
            sign = -1 if alarm.kind == "high" else 1
            edge = round(alarm.setpoint + sign * alarm.deadband, 9)
            found += [alarm.setpoint, alarm.setpoint, edge, edge]
            found += [round(one + by, 9) for one in (alarm.setpoint, edge) for by in (-0.01, 0.01)]
    return tuple(found)


def values_beyond(point: Point) -> tuple[float, ...]:
    """Values at, just past and far past the ends of the live zone."""
    if point.low is None or point.high is None:
        return (0.0, 1.0)
    span = point.high - point.low
    ends = (point.low - 0.0125 * span, point.high + 0.03125 * span)
    return (*ends, ends[0] - 0.001, ends[1] + 0.001, point.low - span, point.high + span)


@dataclass(slots=True)
class Device:
    """One point's device: its clock's error (None: it sends no stamps), its value, and what a gateway holds back."""

    point: Point
    values: tuple[float, ...]
    beyond: tuple[float, ...]
    value: float
    odd: float  # how often a reading is null, bad, uncertain or beyond the live zone
    clock: int | None = 0
    jitter: int = 0
    step: float = 0.0
    held: list[Reading] = field(default_factory=list)
    holding: bool = False
    quality: int = 0
    seen: list[Reading] = field(default_factory=list)

    def read(self, random: Random, now: int) -> Reading:
        """One reading at true time `now`."""
        self._move(random)
        quality, value = self.quality, self.value
        if random.random() < self.odd:
            odd = random.choice(("null", "bad", "uncertain", "beyond", "beyond"))
            value = {"null": NULL, "beyond": random.choice(self.beyond)}.get(odd, value)
            quality = {"bad": 2, "uncertain": 1}.get(odd, quality)
        stamp = None if self.clock is None else now + self.clock + random.randint(-self.jitter, self.jitter)
        reading = Reading(self.point.id, stamp, value, quality)
        self.seen.append(reading)
        del self.seen[:-8]
        return reading

    def _move(self, random: Random) -> None:
        """Mostly hold the value, sometimes jump to one worth sending, sometimes ramp."""
        what = random.random()
        if what < 0.15:
            self.value = random.choice(self.values)
            self.step = 0.0
        elif what < 0.22 and len(self.values) > 2:
            self.step = random.choice((-0.9, -0.1, -0.05, 0.05, 0.1, 0.25, 0.9))
        self.value = round(self.value + self.step, 6)

    def trouble(self, random: Random) -> None:
        """What happens to devices and gateways now and then."""
        what = random.random()
        if what < 0.30:
            self.clock = 0
        elif what < 0.42:
            self.clock = random.choice(AHEAD)
        elif what < 0.56:
            self.clock = random.choice(BEHIND)
        elif what < 0.62:
            self.clock = None
        elif what < 0.70:
            self.jitter = random.choice((0, 0, 40, 1_000, 5_000))
        elif what < 0.82:
            self.holding = not self.holding
        else:
            self.quality = random.choice((0, 0, 0, 0, 1, 1, 2))


def upload(random: Random, device: Device) -> list[Reading]:
    """What was held back: in order, newest first, shuffled, or only a part of it."""
    held, device.held = device.held, []
    order = random.random()
    if order < 0.35:
        held.reverse()
    elif order < 0.5:
        random.shuffle(held)
    elif order < 0.6:
        device.held, held = held[len(held) // 2 :], held[: len(held) // 2]
    return held
