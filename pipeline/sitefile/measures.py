"""Numbers with a unit of their own ("95 kPa") -> the point's unit, before any model sees them. Decides nothing else."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, NamedTuple

from pipeline.sitefile.context import Context
from pipeline.sitefile.fault import listing, nearest, shown
from pipeline.sitefile.tables import QUANTITIES
from pipeline.sitefile.tree import Mapping, Mark, Sequence
from pipeline.units import UNITS, way, ways_into

_MEASURE = re.compile(r"([-+]?[0-9]{1,30}(?:\.[0-9]{0,30})?(?:[eE][-+]?[0-9]{1,3})?)\s*([^\s0-9.+-]\S*)\Z")

VALUES = frozenset({"setpoint", "limit", "reference", "range", "design"})
"""Keys whose numbers are values of the point; a temperature's zero counts."""
DIFFERENCES = frozenset(
    {"deadband", "rising", "falling", "min_rate", "band", "slack", "threshold", "quiet", "loud", "sigma", "resolution"}
)
"""Keys whose numbers are distances between values: 2 °F are 1.1 K, whatever the zero."""
APART = {"setpoint", "deadband"}
"""Keys of a deviation: both are distances, and `reference` there names a point."""
_KEYS = VALUES | DIFFERENCES | {"by_mode"}


class Measured(NamedTuple):
    """What a point measures, as far as its numbers go."""

    quantity: str
    unit: str
    gas: str | None
    span: tuple[float, float] | None = None


def in_units(body: Mapping, of: Measured, context: Context, *, apart: bool = False) -> Mapping | None:
    """The part of the file with every number in the point's unit; None where one cannot be, with the fault noted.

    `apart`: of a deviation, whose numbers are all distances. Unit-less numbers and everything else stay as they are.
    """
    if not any(_is_measure(body[key]) for key in _KEYS if key in body):
        return body
    result, sound = Mapping(body.mark), True
    for key, value in body.items():
        mark = body.marks[key]
        converted = value
        if key == "by_mode" and isinstance(value, Mapping):
            modes = Mapping(value.mark)
            for mode, change in value.items():
                inside = in_units(change, of, context, apart=apart) if isinstance(change, Mapping) else change
                sound = sound and inside is not None
                modes.put(mode, inside, value.marks[mode])
            converted = modes
        elif isinstance(value, Sequence) and key in VALUES:
            converted = Sequence(value.mark)
            for one, place in zip(value, value.marks, strict=True):
                number = _number(one, place, of, key, False, context)
                sound = sound and number is not None
                converted.put(number, place)
        elif key in (APART if apart else VALUES | DIFFERENCES):
            converted = _number(value, mark, of, key, apart or key in DIFFERENCES, context)
            sound = sound and converted is not None
        result.put(key, converted, mark)
    return result if sound else None


def _is_measure(value: Any) -> bool:
    """Whether any text in it may be a number with a unit; few are, and the others need no copy."""
    if isinstance(value, Mapping):  # by_mode
        return any(
            _is_measure(one) for change in value.values() if isinstance(change, Mapping) for one in change.values()
        )
    if isinstance(value, Sequence):
        return any(_is_measure(one) for one in value)
    return isinstance(value, str) and _MEASURE.match(value) is not None


def _number(value: Any, mark: Mark, of: Measured, key: str, difference: bool, context: Context) -> Any:
    """The number in the point's unit; None with a fault; anything that is no number with a unit as it is."""
    found = _MEASURE.match(value) if isinstance(value, str) else None
    if found is None or (key == "deadband" and found[2] == "%"):
        return value
    number, unit = found.groups()
    if of.quantity not in QUANTITIES or of.unit not in UNITS.get(of.quantity, {}):
        return float(number)  # told where the point says what it measures
    if unit == "%" and of.unit != "%" and of.span is not None:
        return _of_range(Decimal(number), of.span, difference)
    there = way(of.quantity, unit, of.unit, of.gas)
    if there is not None:
        return there.of(number, difference=difference)
    known = ways_into(of.quantity, of.unit, of.gas)
    context.faults.add(mark, shown(value), _expected(unit, key, of, known), near=_near(number, unit, known))
    return None


def _of_range(percent: Decimal, span: tuple[float, float], difference: bool) -> float:
    """From the bottom of the range; a difference is a share of it."""
    low, high = Decimal(repr(span[0])), Decimal(repr(span[1]))
    return float((0 if difference else low) + (high - low) * percent / 100)


def _near(number: str, unit: str, known: tuple[str, ...]) -> str | None:
    meant = nearest(unit, known)
    return f'"{number} {meant}"' if meant is not None and meant.casefold() == unit.casefold() else None


def _expected(unit: str, key: str, of: Measured, known: tuple[str, ...]) -> str:
    words = f"a number in {of.unit}, or with a unit that can be told in it: {listing(known)}"
    if of.gas is None and {unit, of.unit} & {"mg/m3", "mg/m³"} and unit in UNITS[of.quantity]:
        words += "; the key gas, to tell mg/m3 in ppm"
    if unit == "%" and of.span is None:
        words += "; no percentage, as the point has no range"
    return words + ("; or a percentage of the range such as 1%" if key == "deadband" else "")
