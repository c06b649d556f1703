"""What the demo plant's instruments say of it: noise, resolution, and 4-20 mA where the point is raw.

It does not change the plant and sends nothing anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from simulators.tank_farm import Farm, Tank

PRESSURE_RANGE_KPA = (-1.0, 5.0)
"""What 4 and 20 mA of PT-101 and PT-102 mean, kPa gauge."""
TANKS = ("101", "102")


@dataclass(frozen=True, slots=True)
class Instrument:
    """Standard deviation of its noise and its resolution, both in the unit of the payload.

    Resolutions are binary fractions: such values are exact in binary and in decimals, and compress well.
    """

    noise: float
    resolution: float
    low: float
    high: float

    def read(self, truth: float, rng: np.random.Generator) -> float:
        """`truth` as the instrument shows it: noisy, held inside what it can show, in whole steps."""
        shown = min(max(truth + self.noise * float(rng.standard_normal()), self.low), self.high)
        return round(shown / self.resolution) * self.resolution


RADAR = Instrument(noise=0.0015, resolution=1 / 1024, low=0.0, high=6.0)  # m
SERVO = Instrument(noise=0.0006, resolution=1 / 1024, low=0.0, high=6.0)  # m
PT100 = Instrument(noise=0.03, resolution=1 / 16, low=-20.0, high=80.0)  # °C
CURRENT = Instrument(noise=0.008, resolution=1 / 1024, low=3.8, high=20.5)  # mA (NAMUR NE 43 live zone)
FLOWMETER = Instrument(noise=0.35, resolution=1 / 16, low=0.0, high=160.0)  # m3/h
WATTMETER = Instrument(noise=0.04, resolution=1 / 64, low=0.0, high=22.0)  # kW
GAS = Instrument(noise=0.2, resolution=1 / 8, low=0.0, high=100.0)  # %LEL


def measure(farm: Farm, rng: np.random.Generator) -> dict[str, float]:
    """One reading of every point of the demo site, in the units of the payloads (PT-*: mA)."""
    readings: dict[str, float] = {}
    for number, tank in zip(TANKS, farm.tanks, strict=True):
        readings.update(_of_tank(number, tank, rng))
    for detector, gas in enumerate(farm.detector_lel, start=101):
        readings[f"GT-{detector}"] = GAS.read(gas, rng)
    readings["TT-100"] = PT100.read(farm.ambient_c, rng)
    return readings


def _of_tank(number: str, tank: Tank, rng: np.random.Generator) -> Mapping[str, float]:
    return {
        f"LT-{number}": RADAR.read(tank.level_m, rng),
        f"LT-{number}B": SERVO.read(tank.level_m - 0.004, rng),  # the two gauges stand on different nozzles
        f"LSHH-{number}": 0.0 if tank.tripped else 1.0,
        f"MOV-{number}": _valve(tank.inlet),
        f"TT-{number}": PT100.read(tank.temperature_c, rng),
        f"PT-{number}": CURRENT.read(milliamperes(tank.pressure_kpa), rng),
        f"FT-{number}": _flow(tank.inflow_m3h, rng),
        f"FT-{number}X": _flow(tank.outflow_m3h, rng),
        f"JT-{number}": WATTMETER.read(tank.power_kw, rng) if tank.transfer > 0.02 else 0.0,
    }


def milliamperes(pressure_kpa: float) -> float:
    """The loop current of a pressure transmitter, mA: 4 at the low end of its range, 20 at the high end."""
    low, high = PRESSURE_RANGE_KPA
    return 4 + 16 * (pressure_kpa - low) / (high - low)


def _flow(truth_m3h: float, rng: np.random.Generator) -> float:
    # Low-flow cut-off: every flow meter shows zero where its own noise would be all it shows.
    return FLOWMETER.read(truth_m3h, rng) if truth_m3h > 1.0 else 0.0


def _valve(position: float) -> float:
    """The two limit switches: 0 closed, 1 open (from 95 %), 2 between."""
    if position <= 0.01:
        return 0.0
    return 1.0 if position >= 0.95 else 2.0
