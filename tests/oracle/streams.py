"""Nasty but plausible streams for `oracle_site`: whatever gateways, clocks and people do to a plant log.

One generator serves both a seed (fast, thousands of streams) and hypothesis (which shrinks what it finds);
`tidy_streams` builds short ones out of few choices, so that a counterexample can be read.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from hypothesis import strategies as st
from msgspec.structs import replace

from pipeline.model import Command
from pipeline.site import Installation, Point, Site
from tests.oracle.devices import Device, upload, values_beyond, values_of
from tests.oracle.records import NULL, Commanded, Reading, Readings, Record
from tests.oracle.sites import INSTALLATION

START = 1_700_000_000_000
"""A whole second."""

STEPS = (
    0,
    0,
    1,
    137,
    250,
    500,
    999,
    1_000,
    1_000,
    1_000,
    1_000,
    1_000,
    1_000,
    1_001,
    2_000,
    2_500,
    3_000,
    5_000,
    5_001,
)
SILENCES = (6_000, 9_999, 10_000, 10_001, 12_000, 15_000, 30_000, 31_000, 61_000, 75_000, 200_000)
FIRST_COMMANDS = ("acknowledge",) * 4 + ("reset",) * 3 + ("shelve", "nonsense")
WHOLE_COMMANDS = (
    *("acknowledge",) * 6,
    *("reset",) * 3,
    *("shelve", "shelve", "unshelve", "out_of_service", "in_service", "bypass", "mode", "mode", "nonsense"),
)
LENGTHS = (None, 1, 1_000, 5_000, 10_000, 12_345, 60_000, 3_600_000, 30_000_000)


def _batch(random: Random, devices: list[Device], now: int) -> list[Reading]:
    readings: list[Reading] = []
    for device in devices:
        if random.random() < 0.02:
            device.trouble(random)
        if random.random() > 0.8:
            continue
        for back in sorted(random.choice((0, 0, 500, 1_000)) for _ in range(random.choice((1, 1, 1, 1, 2, 3))))[::-1]:
            device.held.append(device.read(random, now - back))
        if device.holding and len(device.held) < 40:
            continue
        readings += upload(random, device)
        if random.random() < 0.05 and device.seen:  # a redelivery, exact
            readings += random.sample(device.seen, random.randint(1, len(device.seen)))
        if random.random() < 0.01 and device.seen:  # a broker's old copy
            readings.append(random.choice(device.seen)._replace(retained=True, value=random.choice(device.values)))
    if random.random() < 0.1:
        random.shuffle(readings)
    return readings


@dataclass(frozen=True, slots=True)
class Asks:
    """What people may ask for at this installation."""

    commands: tuple[str, ...]
    alarms: tuple[str, ...]
    latching: tuple[str, ...]
    points: tuple[str, ...]
    modes: tuple[tuple[str, str], ...]  # target and mode

    def command(self, random: Random) -> Command:
        """Mostly something that can be done; sometimes nonsense."""
        command = random.choice(self.commands)
        target, mode = random.choice(self.modes) if command == "mode" and self.modes else (None, None)
        if command in ("bypass", "mode") or (command == "in_service" and random.random() < 0.5):
            target = target or random.choice(self.points)
        alarms = self.latching if command == "reset" and random.random() < 0.8 else self.alarms
        one = Command(
            command=command,
            by=random.choice(("li.wei",) * 5 + ("wang.fang",) * 5 + ("nobody",)),
            alarm=None if target else random.choice(alarms) if random.random() < 0.97 else "TF1/LT-9/HH",
            target=target,
            note=random.choice((None, "seen", "field check", "field check")),
            occurrence=random.choice((None,) * 9 + ("1", "2", "other")),
        )
        if self.commands is FIRST_COMMANDS:
            return one
        return replace(one, for_ms=random.choice(LENGTHS), one_shot=random.random() < 0.2, mode=mode)


def _asks(installation: Installation, *, whole: bool) -> Asks:
    every = [alarm for one in installation.points for alarm in one.alarms] + list(installation.alarms)
    return Asks(
        WHOLE_COMMANDS if whole else FIRST_COMMANDS,
        tuple(alarm.id for alarm in every for _ in range(1 if alarm.alarm_class == "instrument" else 4)),
        tuple(alarm.id for alarm in every if alarm.latching),
        tuple(f"{installation.id}/{one.id}" for one in installation.points),
        tuple((f"{installation.id}/{one.id}", mode) for one in installation.equipment for mode in one.modes),
    )


def _wait(random: Random) -> int:
    return random.choice(SILENCES) if random.random() < 0.015 else random.choice(STEPS)


def nasty_stream(random: Random, site: Site, records: int = 150, *, whole: bool = False) -> list[Record]:
    """`records` records in log order; the same `random` gives the same stream."""
    installation = site.installation(INSTALLATION)
    assert installation is not None
    odd = random.choice((0.0, 0.01, 0.03, 0.1))
    devices = [
        Device(one, values_of(one), values_beyond(one), values_of(one)[0], odd)
        for one in installation.points
        if one.enabled
    ]
    asks = _asks(installation, whole=whole)
    for device in devices:
        if random.random() < 0.4:
            device.trouble(random)
    now, stream = START + random.choice((0, 0, 250, 999)), list[Record]()
    while len(stream) < records:
        now += _wait(random)
        if random.random() < 0.08:
            burst = random.randint(1, 6)
            stream += [Commanded(now, asks.command(random)) for _ in range(burst)]
        else:
            stream.append(Readings(now, tuple(_batch(random, devices, now))))
    return stream


def seeded_stream(seed: int, site: Site, records: int = 150, *, whole: bool = False) -> list[Record]:
    """The stream of that seed."""
    return nasty_stream(Random(seed), site, records, whole=whole)


def went_back(stream: list[Record], random: Random) -> list[Record]:
    """The same records with the log's own clock set at one place, back or on (for `replay=False`)."""
    at, by = random.randrange(len(stream)), random.choice((-3_600_000, -7_300, -1, 5_000, 5_001, 90_000))
    moved: list[Record] = []
    for number, record in enumerate(stream):
        received = record.received + (by if number >= at else 0)
        if isinstance(record, Commanded):
            moved.append(Commanded(received, record.command))
        else:
            moved.append(Readings(received, record.readings))
    return moved


def nasty_streams(site: Site, records: int = 40, *, whole: bool = False) -> st.SearchStrategy[list[Record]]:
    """The generator above with hypothesis drawing the choices."""
    return st.randoms(use_true_random=False).map(lambda random: nasty_stream(random, site, records, whole=whole))


@st.composite
def tidy_streams(draw: st.DrawFn, point: Point, longest: int = 14) -> list[Record]:
    """Few records of one point: a step, an offset of the stamp, a value worth sending, a quality."""
    values = st.sampled_from(sorted(set(values_of(point))))
    value = st.one_of(values, values, values, st.sampled_from(values_beyond(point)), st.just(NULL))
    offset = st.sampled_from((0, 0, 0, 0, -1_000, -2_000, -5_000, -61_000, -3_600_000, 2_000, 61_000, None))
    quality = st.sampled_from((0, 0, 0, 0, 1, 2))
    step = st.sampled_from((0, 500, 1_000, 1_000, 2_000, 5_000, 9_999, 10_000, 10_001, 11_000, 31_000))
    now, stream = START, list[Record]()
    for _ in range(draw(st.integers(1, longest))):
        now += draw(step)
        readings = []
        for _ in range(draw(st.sampled_from((1, 1, 1, 2, 3)))):
            off = draw(offset)
            readings.append(Reading(point.id, None if off is None else now + off, draw(value), draw(quality)))
        stream.append(Readings(now, tuple(readings)))
    return stream
