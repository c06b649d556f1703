"""The quantities we carry, their units, and the silence after which a point of each is STALE. Numbers only."""

from __future__ import annotations

from typing import NamedTuple


class Quantity(NamedTuple):
    """`units` as they may be written; `stale_after_ms` when the point says neither that nor its period."""

    units: tuple[str, ...]
    stale_after_ms: int


QUANTITIES: dict[str, Quantity] = {
    "temperature": Quantity(("°C", "℃", "K", "°F"), 60_000),
    "pressure": Quantity(("Pa", "kPa", "MPa", "mbar", "bar", "psi", "mmH2O"), 30_000),
    "level": Quantity(("m", "cm", "mm", "%"), 30_000),
    "displacement": Quantity(("mm", "cm", "m", "µm"), 600_000),
    "gas_concentration": Quantity(("%LEL", "%VOL", "ppm", "ppb", "mg/m3", "mg/m³"), 10_000),
    "flow": Quantity(
        (
            "m3/h",
            "m3/min",
            "m3/s",
            "m³/h",
            "m³/min",
            "m³/s",
            "Nm3/h",
            "Nm³/h",
            "L/h",
            "L/min",
            "L/s",
            "t/h",
            "kg/h",
            "kg/s",
        ),
        30_000,
    ),
    "power": Quantity(("W", "kW", "MW", "kVA"), 1_800_000),
    "state": Quantity((), 60_000),  # the contract names no time for switches; as long as a temperature's
}

LATE_AFTER_MS = 60_000
