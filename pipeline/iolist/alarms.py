"""The level alarms of a point from its row, or from rows that say one alarm each. A limit in doubt is left out."""

from __future__ import annotations

import itertools
import re
from decimal import Decimal
from typing import Any, NamedTuple

from pipeline.iolist.cells import Cells
from pipeline.iolist.heading_words import LEVELS as LEVEL_WORDS
from pipeline.iolist.numbers import Limit, Measure, NotUnderstood, labelled, limit, plain
from pipeline.iolist.quantity import GAS, alarm_named
from pipeline.iolist.sheet import fold
from pipeline.sitefile.scalars import number_text, share_of_range
from pipeline.units import way, ways_into

LEVELS = ("HH", "H", "L", "LL")
_KEYS = (
    "class", "priority", "setpoint", "deadband", "on_delay", "off_delay", "response_time", "cause", "consequence",
    "action",
)  # fmt: skip
_SIDE = {"HH": "high", "H": "high", "L": "low", "LL": "low"}
_FOR_GAS = {"1": "H", "2": "HH"}
_TWO = re.compile(r"([^/、,;]+)[/、,;]\s*([^/、,;]+)\Z")


class Scale(NamedTuple):
    """What a point's numbers are in. `span`: its range in `unit`."""

    quantity: str
    unit: str
    gas: str | None
    span: tuple[float, float] | None

    @property
    def rises(self) -> bool:
        """Whether only high values are dangerous: any gas but oxygen, which is told in %VOL."""
        return self.quantity == GAS and (self.unit != "%VOL" or self.gas not in {None, "oxygen"})


class _Found(NamedTuple):
    limit: Limit
    cells: Cells


def alarms_of(rows: list[Cells], scale: Scale, left_out: list[str]) -> dict[str, dict[str, Any]]:
    """The alarms as the site file writes them, HH first."""
    found: dict[str, _Found] = {}
    for cells in rows:
        for level, one in _limits(cells, scale, left_out).items():
            if level in found:
                left_out.append(f"{level}: a second setpoint, {one.limit.at.words()}")
            else:
                found[level] = one
    _without_misnamed(found, scale, left_out)
    values = _values(found, scale, left_out)
    _without_disordered(values, left_out)
    shared: dict[int, dict[str, Any]] = {}
    return {level: _alarm(level, found[level], scale, shared, left_out) for level in LEVELS if level in values}


def level_of(text: str) -> str | None:
    """HH, H, L or LL of an alarm's own name: "HH", "高高报", "High alarm"."""
    plain_words = " ".join(re.sub(r"[^0-9a-z\u4e00-\u9fff]+", " ", fold(text).casefold()).split())
    return next((level for level, pattern in LEVEL_WORDS.items() if pattern.search(plain_words)), None)


def _limits(cells: Cells, scale: Scale, left_out: list[str]) -> dict[str, _Found]:
    found: dict[str, _Found] = {}
    for level in (*LEVELS, *_FOR_GAS):
        text = cells.text("setpoint", level)
        if not text:
            continue
        try:
            found.setdefault(_level(level, text, scale), _Found(_named(level, text, cells), cells))
        except NotUnderstood as error:
            left_out.append(f"{level}: {error}")
    try:
        found |= {level: _Found(one, cells) for level, one in _unnamed(cells, scale).items()}
    except NotUnderstood as error:
        left_out.append(f"setpoint: {error}")
    return found


def _level(level: str, text: str, scale: Scale) -> str:
    """The first and second level of a gas are its H and HH. Raises NotUnderstood: of anything else."""
    if level in _FOR_GAS and not scale.rises:
        raise NotUnderstood(f"{text!r} of level {level}: which of HH, H, L, LL?")
    return _FOR_GAS.get(level, level)


def _named(level: str, text: str, cells: Cells) -> Limit:
    """The limit of a column for one level; a name in the cell must be that level's."""
    unit = cells.unit("setpoint", level)
    names = labelled(text, unit)
    if names and set(names) != {level}:
        raise NotUnderstood(f"{text!r} names another level")
    return names[level] if names else limit(text, unit)


def _unnamed(cells: Cells, scale: Scale) -> dict[str, Limit]:
    """The limits of a column that names no level: the row, or the cell, says which."""
    text, unit = cells.text("setpoint"), cells.unit("setpoint")
    said = cells.text("alarm_type")
    if not text:
        return {}
    if said:
        level = level_of(said)
        level = _FOR_GAS.get(level or "", level) if scale.rises else level
        if level not in LEVELS:
            raise NotUnderstood(f"{said!r} is none of HH, H, L, LL")
        return {level: limit(text, unit)}
    if names := labelled(text, unit):
        return names
    two = _TWO.match(fold(text))
    if two and scale.rises:
        first, second = limit(two[1], unit), limit(two[2], unit)
        first = first._replace(at=first.at._replace(unit=first.at.unit or second.at.unit))
        return {"H": first, "HH": second}
    one = limit(text, unit)
    if level := alarm_named(cells.text("tag")):
        return {level: one}
    if not one.side and not scale.rises:
        raise NotUnderstood(f"{text!r}: which of HH, H, L, LL?")
    return {"L" if one.side == "low" else "H": one}


def _without_misnamed(found: dict[str, _Found], scale: Scale, left_out: list[str]) -> None:
    """Signs against the level; and low alarms of a gas, whose 低报 and 高报 are its first and second level."""
    low = [level for level in ("L", "LL") if level in found]
    if scale.rises and set(found) == {"L", "H"} and {one.limit.side for one in found.values()} <= {"", "high"}:
        found["HH"], found["H"] = found.pop("H"), found.pop("L")
        left_out.append("L and H were read as H and HH, the two levels of a gas: no gas has a low alarm")
    elif scale.rises and low:
        taken = [*low, *(["H"] if "H" in found and "HH" not in found else [])]
        told = ", ".join(f"{level} {found.pop(level).limit.at.words()}" for level in taken)
        left_out.append(f"{told}: a low alarm of a gas; are the two levels H and HH meant?")
    wrong = [one for one in found if found[one].limit.side not in {"", _SIDE[one]}]
    left_out += [f"{level}: {found.pop(level).limit.at.words()} is on the other side, by its sign" for level in wrong]


def _values(found: dict[str, _Found], scale: Scale, left_out: list[str]) -> dict[str, float]:
    """The setpoints in the point's unit, where they can be that and lie in its range."""
    values = {}
    for level, one in found.items():
        at = one.limit.at
        value = _value(at, scale)
        if value is None:
            known = ", ".join(ways_into(scale.quantity, scale.unit, scale.gas))
            left_out.append(f"{level}: {at.words()} cannot be told in {scale.unit} (what can: {known})")
        elif scale.span is not None and not scale.span[0] <= value <= scale.span[1]:
            low, high = map(number_text, scale.span)
            left_out.append(f"{level}: {at.words()} is outside the range {low} to {high} {scale.unit}")
        else:
            values[level] = value
    return values


def _value(at: Measure, scale: Scale) -> float | None:
    if at.unit in {None, scale.unit}:
        return float(at.number)
    if at.unit == "%" and scale.span is not None:
        return scale.span[0] + share_of_range(at.number, *scale.span)
    there = way(scale.quantity, at.unit or "", scale.unit, scale.gas)
    return None if there is None else there.of(at.number)


def _without_disordered(values: dict[str, float], left_out: list[str]) -> None:
    """Neighbours that stand the wrong way round, or at one value, are both left out: either may be the wrong one."""
    present = [level for level in reversed(LEVELS) if level in values]
    wrong = [(lower, upper) for lower, upper in itertools.pairwise(present) if values[lower] >= values[upper]]
    for lower, upper in wrong:
        told = f"{upper} {number_text(values[upper])} is not above {lower} {number_text(values[lower])}"
        left_out.append(f"{upper}, {lower}: {told}")
    for level in {level for pair in wrong for level in pair}:
        del values[level]


def _alarm(
    level: str, one: _Found, scale: Scale, shared: dict[int, dict[str, Any]], left_out: list[str]
) -> dict[str, Any]:
    """In the order people read it. What the row says for all its alarms is read, and told, once."""
    if id(one.cells) not in shared:
        shared[id(one.cells)] = one.cells.attributes("", left_out)
    attributes = shared[id(one.cells)] | one.cells.attributes(level, left_out)
    at = one.limit.at
    attributes["setpoint"] = at.number if at.unit in {None, scale.unit} else _with_unit(at)
    if "deadband" in attributes:
        deadband = _deadband(attributes.pop("deadband"), scale)
        if deadband is None:
            left_out.append(f"{level}.deadband: cannot be told in {scale.unit}")
        else:
            attributes["deadband"] = deadband
    return {key: attributes[key] for key in _KEYS if key in attributes}


def _deadband(of: Measure, scale: Scale) -> Decimal | str | None:
    if of.unit in {None, scale.unit} and of.unit != "%":
        return of.number
    if of.unit == "%":
        return f"{plain(of.number)}%" if scale.span is not None else None
    return None if way(scale.quantity, of.unit or "", scale.unit, scale.gas) is None else _with_unit(of)


def _with_unit(of: Measure) -> str:
    return f"{plain(of.number)}{'' if of.unit == '%' else ' '}{of.unit}"
