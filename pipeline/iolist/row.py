"""One row of a list, its cells by role, and the point it makes: what it is called and what it measures.

What could not be read of a row that still makes a point is told and left out; its alarms are made in alarms.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from pipeline.iolist.alarms import Scale, alarms_of
from pipeline.iolist.cells import Cells
from pipeline.iolist.gases import gas_named, gas_within
from pipeline.iolist.numbers import NotMeasured, NotUnderstood, Range, plain, range_of
from pipeline.iolist.quantity import GAS, STATE, letters_of, quantity_of, spoken_of
from pipeline.iolist.sheet import LONGEST_WORDS, fold
from pipeline.iolist.states import state_of
from pipeline.iolist.tag import id_of, id_within
from pipeline.iolist.unit_names import is_absolute, unit_of, unit_within
from pipeline.units import UNITS, way

_SPARE = re.compile(r"(?:备用|预留|备用点|预留点|spare|reserved?)\s*(?:通道|点|channel)?\s*[0-9]*", re.IGNORECASE)
_SIGNAL = re.compile(r"(?:[0-9]+\s*[-~]\s*[0-9]+\s*)?(?:ma|v|mv|vdc|vac|hz|ω|ohm)\Z", re.IGNORECASE)
_IN_TEXT = re.compile(
    r"[-+]?[0-9][0-9.]*\s*(?:~|-|\.{2,3}|至|到)\s*[-+]?[0-9][0-9.]*\s*[^\s,，;；)）\]】\d]\S{0,6}?(?=[\s,，;；)）\]】]|\Z)"
)


@dataclass(frozen=True, slots=True)
class Imported:
    """`body`: the point as a site file writes it. `left_out`: what of the row is not in it, each with the reason."""

    body: dict[str, Any]
    left_out: list[str] = field(default_factory=list)

    @property
    def id(self) -> str:
        """Of the point."""
        id_: str = self.body["id"]
        return id_


def point_of(rows: list[Cells]) -> Imported:
    """The point of one row, or of several that say one alarm each. Raises NotUnderstood where they make none."""
    cells = rows[0]
    id_, alias = id_of(cells.text("tag"))
    names = cells.all("name")
    if any(_SPARE.fullmatch(fold(one)) for one in (*names, cells.text("remark"))):
        raise NotMeasured("marked as spare")
    left_out = [told for one in rows for told in one.broken()]
    span = _range(cells, left_out)
    unit = _unit(cells, span, names)
    unit = _percent_of_gas(unit, id_, cells, names)
    quantity = quantity_of(id_, cells.all("kind"), " ".join(names), unit)
    body: dict[str, Any] = {"id": id_}
    if name := cells.said("name"):
        body["name"] = name
    if alias or cells.text("alias"):
        body["alias"] = (alias or cells.text("alias"))[:128]
    body |= _place(cells, left_out)
    body["quantity"] = quantity
    if quantity == STATE:
        return Imported(body | state_of(rows, id_, left_out), left_out)
    if unit is None:
        raise NotUnderstood(f"no unit: for {quantity} one of {', '.join(UNITS[quantity])}")
    gas = _gas(cells, names) if quantity == GAS else None
    if span is None:
        span = _range_in_words(names, quantity, unit, gas)
    measured, scale = _measured(Scale(quantity, unit, gas, None), span)
    if period := cells.duration("period", None, left_out):
        measured["period"] = period
    if alarms := alarms_of(rows, scale, left_out):
        measured["alarms"] = alarms
    return Imported(body | measured, left_out)


def _measured(scale: Scale, span: Range | None) -> tuple[dict[str, Any], Scale]:
    """Gas, unit and range of an instrument that tells numbers, and its scale with the range."""
    body: dict[str, Any] = {} if scale.gas is None else {"gas": scale.gas}
    body["unit"] = scale.unit
    if span is not None:
        body["range"], scale = _written_range(span, scale)
    return body, scale


def _written_range(span: Range, scale: Scale) -> tuple[list[Any], Scale]:
    """The range in its own unit, which the site file converts, and the scale with it in the point's unit."""
    if span.unit in {None, scale.unit}:
        return [span.low, span.high], scale._replace(span=(float(span.low), float(span.high)))
    there = way(scale.quantity, span.unit or "", scale.unit, scale.gas)
    if there is None:
        raise NotUnderstood(f"the range is in {span.unit}, the unit is {scale.unit}")
    written = [f"{plain(one)} {span.unit}" for one in (span.low, span.high)]
    return written, scale._replace(span=(there.of(span.low), there.of(span.high)))


def _range(cells: Cells, left_out: list[str]) -> Range | None:
    """From the column, else from two columns."""
    try:
        if text := cells.text("range") or _range_for_unit(cells):
            found = range_of(text, cells.unit("range"))
            if found is None:
                left_out.append(f"range: {text!r} is the signal, not the range")
            return found
        if cells.text("range_low") and not cells.text("range_high"):
            return range_of(cells.text("range_low"), cells.unit("range_low"))  # both ends in the first of two cells
        if cells.text("range_high"):
            return _of_two(cells, cells.text("range_low"), cells.text("range_high"))
    except NotUnderstood as error:
        left_out.append(f"range: {error}")
        return None
    return None


def _range_in_words(names: list[str], quantity: str, unit: str, gas: str | None) -> Range | None:
    """The one "0~15m" of a description that is told in a unit of the quantity; other numbers there are no range."""
    ranges = [_range_or_none(found[0]) for one in names for found in _IN_TEXT.finditer(fold(one[:LONGEST_WORDS]))]
    fitting = [one for one in ranges if one is not None and one.unit is not None and way(quantity, one.unit, unit, gas)]
    return fitting[0] if len(fitting) == 1 else None


def _range_or_none(text: str) -> Range | None:
    try:
        return range_of(text)
    except NotUnderstood:
        return None


def _range_for_unit(cells: Cells) -> str:
    """The cell of a column such as "range/unit", where it is a range."""
    text = cells.text("unit")
    return text if re.match(r"[-+±]?[0-9(].*[0-9]", fold(text)) else ""


def _of_two(cells: Cells, low: str, high: str) -> Range:
    if not low:
        raise NotUnderstood(f"{high!r}: one end only")
    bottom, top = cells.measure("range_low", low), cells.measure("range_high", high)
    if bottom.unit and top.unit and bottom.unit != top.unit:
        raise NotUnderstood(f"{low!r} and {high!r} have two units")
    if not bottom.number < top.number:
        raise NotUnderstood(f"the bottom {low!r} is not below the top {high!r}")
    return Range(bottom.number, top.number, bottom.unit or top.unit)


def _unit(cells: Cells, span: Range | None, names: list[str]) -> str | None:
    """The unit column's word, else that of the range, of the description, of the limits' headings."""
    text = cells.text("unit")
    if text and not _range_for_unit(cells) and not _SIGNAL.match(fold(text)):
        found = unit_of(re.sub(r"\(?a\)?\Z", "", fold(text), flags=re.IGNORECASE) if is_absolute(text) else text)
        if found is None:
            raise NotUnderstood(f"the unit {text!r} is none that hazardwatch knows")
        return found
    if span is not None and span.unit is not None:
        return span.unit
    in_words = [
        one.unit
        for text in names
        for found in _IN_TEXT.finditer(fold(text[:LONGEST_WORDS]))
        if (one := _range_or_none(found[0]))
    ]
    return next(filter(None, (*map(unit_within, names), cells.limits_unit(), *in_words)), None)


def _percent_of_gas(unit: str | None, tag: str, cells: Cells, names: list[str]) -> str | None:
    """Gas in plain %: of the volume where it is oxygen; what else, nobody can tell."""
    letters = letters_of(tag)
    spoken = [one for text in (*cells.all("kind"), *names) for one in spoken_of(text)]
    is_gas = (letters is not None and letters.quantity == GAS) or spoken[-1:] == [GAS]
    if unit != "%" or not is_gas:
        return unit
    if _gas(cells, names) == "oxygen":
        return "%VOL"
    raise NotUnderstood("gas in %: of the explosive limit (%LEL) or of the volume (%VOL)?")


def _gas(cells: Cells, names: list[str]) -> str | None:
    text = cells.text("gas")
    if text:
        return gas_named(text)[:64]
    return gas_within(" ".join((*names, *cells.all("kind"))))


def _place(cells: Cells, left_out: list[str]) -> dict[str, Any]:
    """The equipment it belongs to and the gateway that brings it, where they can be ids."""
    place = {}
    for what in ("equipment", "gateway"):
        if text := cells.text(what):
            id_ = id_within(text)
            if id_ is None:
                left_out.append(f"{what}: {text!r} holds no id (letters, digits, . _ -)")
            else:
                place[what] = id_
    return place
