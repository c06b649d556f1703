"""The units of the quantities we carry, and the way from one to another of the same sort. Knows no site file.

Sizes are exact fractions, so a converted number is rounded once. (pint knows thousands of units more, in floats, and
takes a third of a second to begin: docs/decisions/0012-units-of-our-own.md.)
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

MOLAR_VOLUME = Fraction("24.055")
"""Litres of one mole of an ideal gas at 20 degC and 101.325 kPa, as GBZ 2.1 and GB/T 50493 reckon."""

MOLAR_MASS: dict[str, str] = {
    "hydrogen sulfide": "34.08", "carbon monoxide": "28.01", "ammonia": "17.03", "chlorine": "70.90",
    "sulfur dioxide": "64.06", "nitrogen dioxide": "46.01", "hydrogen chloride": "36.46",
    "hydrogen fluoride": "20.01", "hydrogen cyanide": "27.03", "phosgene": "98.92", "methanol": "32.04",
    "benzene": "78.11", "toluene": "92.14", "xylene": "106.17", "acrylonitrile": "53.06", "vinyl chloride": "62.50",
    "ozone": "48.00", "phenol": "94.11", "carbon dioxide": "44.01", "ethylene oxide": "44.05", "bromine": "159.81",
    "phosphine": "34.00", "arsine": "77.95", "formaldehyde": "30.03",
}  # fmt: skip
"""g/mol, of the gases whose mg/m3 can be told in ppm (IUPAC atomic weights, rounded)."""


class Unit(NamedTuple):
    """`sort`: only units of one sort convert. In that sort's own unit a value is `size` x value + `zero`."""

    sort: str
    size: Fraction
    zero: Fraction = Fraction(0)


def _of(sort: str, **sizes: str) -> dict[str, Unit]:
    return {name: Unit(sort, Fraction(size)) for name, size in sizes.items()}


_LENGTH = {
    name: Unit("length", Fraction(size))
    for name, size in (("m", "1"), ("cm", "1/100"), ("mm", "1/1000"), ("µm", "1/1000000"))
}
_PSI = Fraction("4.4482216152605") / Fraction("0.0254") ** 2
_DEGREES = Unit("temperature", Fraction(1), Fraction("273.15"))
_CUBES = (("m3", "1"), ("m³", "1"), ("L", "1/1000"))
_TIMES = (("h", "1"), ("min", "60"), ("s", "3600"))

UNITS: dict[str, dict[str, Unit]] = {
    "temperature": {
        "°C": _DEGREES,
        "℃": _DEGREES,
        "K": Unit("temperature", Fraction(1)),
        "°F": Unit("temperature", Fraction(5, 9), Fraction("459.67") * Fraction(5, 9)),
    },
    "pressure": _of("pressure", Pa="1", kPa="1000", MPa="1000000", mbar="100", bar="100000", mmH2O="9.80665")
    | {"psi": Unit("pressure", _PSI)},
    "level": {name: unit for name, unit in _LENGTH.items() if name != "µm"}
    | {"%": Unit("part of the height", Fraction(1))},
    "displacement": _LENGTH,
    "gas_concentration": {
        "%LEL": Unit("part of the explosive limit", Fraction(1)),
        "%VOL": Unit("part of the volume", Fraction(10_000)),
        "ppm": Unit("part of the volume", Fraction(1)),
        "ppb": Unit("part of the volume", Fraction(1, 1000)),
        "mg/m3": Unit("mass in the volume", Fraction(1)),
        "mg/m³": Unit("mass in the volume", Fraction(1)),
    },
    "flow": {
        f"{cube}/{time}": Unit("volume flow", Fraction(size) * Fraction(per))
        for cube, size in _CUBES
        for time, per in _TIMES
    }
    | {name: Unit("flow of volume at 0 °C", Fraction(1)) for name in ("Nm3/h", "Nm³/h")}
    | _of("mass flow", **{"t/h": "1000", "kg/h": "1", "kg/s": "3600"}),
    "power": _of("power", W="1", kW="1000", MW="1000000") | _of("apparent power", kVA="1"),
}
"""By quantity, then as a site file writes them. A volume flow's own unit is m3/h, a length's m."""


class Way(NamedTuple):
    """To another unit: (value - zero) x size. `zero` is where the other unit is 0."""

    zero: Fraction
    size: Fraction

    def of(self, value: str | Decimal, *, difference: bool = False) -> float:
        """A number as it was written, in the other unit, rounded once. A difference has no zero."""
        number = Fraction(value)
        return float((number if difference else number - self.zero) * self.size)

    @property
    def scale(self) -> tuple[float, float, float, float]:
        """(from, to, is, is): the values `from` and `to` are the second two in the other unit, for readings."""
        zero = float(self.zero)
        return zero, zero + self.size.denominator, 0.0, float(self.size.numerator)


def way(quantity: str, from_: str, to: str, gas: str | None = None) -> Way | None:
    """How values of `from_` become values of `to`; None where they do not. mg/m3 and ppm need the gas (at 20 degC)."""
    known = UNITS.get(quantity, {})
    one, other = known.get(from_), known.get(to)
    if one is None or other is None:
        return None
    between = Fraction(1) if one.sort == other.sort else _between(one.sort, other.sort, gas)
    if between is None:
        return None
    return Way((other.zero - one.zero) / one.size, one.size * between / other.size)


def _between(one: str, other: str, gas: str | None) -> Fraction | None:
    """Volume parts in a million for one mg/m3 of the gas, or the other way round."""
    if gas not in MOLAR_MASS:
        return None
    ppm = MOLAR_VOLUME / Fraction(MOLAR_MASS[gas])
    sorts = ("mass in the volume", "part of the volume")
    return ppm if (one, other) == sorts else 1 / ppm if (other, one) == sorts else None


def ways_into(quantity: str, to: str, gas: str | None = None) -> tuple[str, ...]:
    """The units whose values can be told in `to`."""
    return tuple(name for name in UNITS.get(quantity, {}) if way(quantity, name, to, gas) is not None)
