"""Numbers as people write them: limits, ranges, times, deadbands. Exact decimals; refuses what has two readings."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from pipeline.iolist.sheet import fold, is_broken
from pipeline.iolist.unit_names import OF_RANGE, is_absolute, unit_of
from pipeline.sitefile.scalars import duration_ms, nearest_duration

LONGEST = 80
"""Characters of a cell that may be a value; patterns that look ahead are slow on more."""
_NUMBER = r"[-+]?(?:[0-9]{1,15}(?:[.,][0-9]{1,12})*|\.[0-9]{1,12})(?:[eE][-+]?[0-9]{1,2})?"
_MEASURE = re.compile(rf"({_NUMBER})\s*(.*)\Z")
_RANGE = re.compile(
    rf"({_NUMBER})\s*((?:[^-\d\s~.][^~]*?)?)\s*(?:~|-|\.{{2,6}}|to|至|到|÷|:|;)\s*({_NUMBER})\s*(.*)\Z", re.IGNORECASE
)
_SIGNAL = re.compile(
    r"[(\[]?\b(?:4\s*[-~]\s*20\s*ma|0\s*[-~]\s*20\s*ma|1\s*[-~]\s*5\s*v|0\s*[-~]\s*10\s*v)(?:\s*dc)?\b[)\]]?",
    re.IGNORECASE,
)
_REMARK = re.compile(r"[(\[]([^()\[\]0-9]{2,})[)\]]\Z")
_SIGN = re.compile(r"(>=|=>|<=|=<|≥|≤|>|<|=)\s*")
_NAMED = re.compile(
    r"(?<![a-z])(hh|ll|h|l|高高|低低|高|低)(?:报警?|限)?值?\s*[:=]?\s*(?=[<>≥≤]?=?\s*[-+.0-9])", re.IGNORECASE
)
_LEVELS = {"高高": "HH", "高": "H", "低": "L", "低低": "LL"}
_UNDECIDED = frozenset(("tbd", "tba", "待定", "?", "??", "hold", "later", "待确认", "由厂家定"))


class NotUnderstood(Exception):
    """A cell that has no reading, or two; says which, in words for the person who wrote it."""


class NotMeasured(NotUnderstood):
    """A row that is clear, and of nothing that is measured: an output, a spare channel."""


class Measure(NamedTuple):
    """A number and the unit written beside it, in the site file's spelling; no unit: that of the point."""

    number: Decimal
    unit: str | None = None

    def words(self) -> str:
        """As a person writes it."""
        return plain(self.number) + (f" {self.unit}" if self.unit else "")


class Limit(NamedTuple):
    """A setpoint and the side it was said to be on: "high" for ≥ and >, "low" for ≤ and <, "" where no sign stands."""

    at: Measure
    side: str = ""


class Range(NamedTuple):
    """Bottom and top, in one unit."""

    low: Decimal
    high: Decimal
    unit: str | None = None


def plain(number: Decimal) -> str:
    """Without exponent and without zeros that say nothing."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def limit(text: str, otherwise: str | None = None) -> Limit:
    """A setpoint: "13.2", "≥25", ">25%LEL", "0.5 MPa", "90%". `otherwise`: the unit of the heading."""
    folded = _readable(text)
    sign = _SIGN.match(folded)
    side = "" if sign is None or sign[1] == "=" else "low" if "<" in sign[1] or sign[1] == "≤" else "high"
    return Limit(measure(folded[sign.end() :] if sign else folded, otherwise), side)


def labelled(text: str, otherwise: str | None = None) -> dict[str, Limit]:
    """Several setpoints in one cell, each with its name: "H:12.5 HH:13.2", "高报 25；高高报 50". Empty: no names."""
    before, *parts = _NAMED.split(_readable(text))
    if before.strip() or not parts:
        return {}
    names = [_LEVELS.get(name, name.upper()) for name in parts[::2]]
    if len(set(names)) < len(names):
        raise NotUnderstood(f"{text!r} has one name twice")
    return {name: limit(said.strip(" ,;/、"), otherwise) for name, said in zip(names, parts[1::2], strict=True)}


def measure(text: str, otherwise: str | None = None) -> Measure:
    """A number with or without a unit; a remark in brackets behind it does not matter."""
    folded = _REMARK.sub(_unless_unit, _readable(text)).strip()
    found = _MEASURE.match(folded)
    if found is None:
        raise NotUnderstood(f"{text!r} is no number")
    return Measure(_number(found[1]), _unit(found[2], text) or otherwise)


def range_of(text: str, otherwise: str | None = None) -> Range | None:
    """Such as "0~100%LEL", "-0.1…0.6 MPa", "±50 mm"; None for what is only the signal (4-20 mA)."""
    folded = _SIGNAL.sub("", _readable(text)).strip(" ,;/")
    if not folded:
        return None
    folded = re.sub(r"\A\(([^()]*)\)\s*", r"\1 ", folded).strip()
    both = re.fullmatch(rf"(?:±|\+/-)\s*({_NUMBER})\s*(.*)", folded)
    if both is not None:
        top = _number(both[1])
        return _sound(Range(-top, top, _unit(both[2], text) or otherwise), text)
    found = _RANGE.fullmatch(folded)
    if found is None:
        raise NotUnderstood(f"{text!r} is no range such as 0~15 m")
    first, second = _unit(found[2], text), _unit(found[4], text)
    if first and second and first != second:
        raise NotUnderstood(f"{text!r} has two units")
    return _sound(Range(_number(found[1]), _number(found[3]), first or second or otherwise), text)


def _unless_unit(remark: re.Match[str]) -> str:
    """Nothing; but "25 (%LEL)" and "10 kPa (abs)" keep what is in brackets."""
    return remark[0] if unit_of(remark[1]) is not None or re.search(r"abs|绝", remark[1], re.IGNORECASE) else ""


def _sound(found: Range, text: str) -> Range:
    if not found.low < found.high:
        raise NotUnderstood(f"{text!r}: the bottom is not below the top")
    return found


def duration(text: str, otherwise: str | None) -> str:
    """A time as the site file writes it. `otherwise`: the unit of a bare number, where there is one."""
    folded = _readable(text)
    written = folded + (otherwise or "") if re.fullmatch(_NUMBER, folded) else folded
    if re.fullmatch(_NUMBER, written):
        raise NotUnderstood(f"{text!r}: a time without a unit")
    found = written if duration_ms(written) is not None else nearest_duration(written)
    if found is None:
        raise NotUnderstood(f"{text!r} is no time such as 5s")
    return found.replace(" ", "")


def deadband(text: str, otherwise: str | None = None) -> Measure:
    """An absolute amount, or % of the range."""
    found = measure(text.lstrip("±"), otherwise)
    if found.number < 0:
        raise NotUnderstood(f"{text!r}: a deadband is not negative")
    return found


def _readable(text: str) -> str:
    """Folded; refuses what holds no value at all."""
    folded = fold(text)
    if len(folded) > LONGEST:
        raise NotUnderstood(f"{text[:20]!r} ...: too long for a value")
    if is_broken(folded):
        raise NotUnderstood(f"the cell holds {folded}")
    if folded.casefold() in _UNDECIDED:
        raise NotUnderstood(f"{text!r}: not decided yet")
    return folded


def _number(text: str) -> Decimal:
    """12.5, 12,5, 1,000.5; not 1,000, which is a thousand to some and one to others."""
    groups = re.fullmatch(r"([-+]?[0-9]{1,3}(?:,[0-9]{3})+)(\.[0-9]+)?", text)
    if groups and (groups[2] or groups[1].count(",") > 1):
        return Decimal(text.replace(",", ""))
    if text.count(",") == 1 and "." not in text and (groups is None or text.lstrip("+-").startswith("0,")):
        return Decimal(text.replace(",", "."))
    if "," in text or text.count(".") > 1:
        raise NotUnderstood(f"{text!r} has more than one reading as a number")
    return Decimal(text)


def _unit(text: str, whole: str) -> str | None:
    """The unit behind a number; refuses what is no unit, as it may turn the number's meaning round."""
    said = text.strip()
    if not said.strip("()[]"):
        return None
    if is_absolute(said):
        raise NotUnderstood(f"{whole!r} is an absolute pressure")
    if OF_RANGE.fullmatch(said):
        return "%"
    if re.match(r"[-/~,+±]\s*[0-9]", said):
        raise NotUnderstood(f"{whole!r} has two numbers")
    unit = unit_of(said)
    if unit is None:
        raise NotUnderstood(f"{whole!r}: {said!r} is no unit that hazardwatch knows")
    return unit
