"""The small texts of a site file: ids, durations, percentages, references. Pure; refuses with the expected form."""

from __future__ import annotations

import functools
import re
from decimal import Decimal
from typing import Any

ID = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")
ID_EXPECTED = "letters, digits, . _ - (64 at most)"
DURATION_EXPECTED = "a number with a unit: 500ms, 5s, 15min, 8h, 30d"
PERCENT_EXPECTED = "a number in the point's unit, or a percentage of the range such as 1%"

UNITS_MS = {"ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}
MAX_DURATION_MS = 3650 * 86_400_000  # ten years: beyond it is a slip of the pen
_DURATION = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,6})?)\s?(ms|s|min|h|d)\Z")
_NEARLY = re.compile(r"([0-9.]{1,12})\s*([A-Za-z分秒小时天]*)\Z")
_SLIPS = (
    dict.fromkeys(("", "s", "sec", "secs", "second", "seconds", "秒"), "s")
    | dict.fromkeys(("m", "min", "mins", "minute", "minutes", "分", "分钟"), "min")
    | dict.fromkeys(("h", "hr", "hrs", "hour", "hours", "小时"), "h")
    | dict.fromkeys(("d", "day", "days", "天"), "d")
    | dict.fromkeys(("ms", "msec", "millis", "milliseconds"), "ms")
)
_PERCENT = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,9})?)\s?%\Z")

_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+\Z")
_BOOLS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})


def is_id(text: str) -> bool:
    """Whether the text may name something: part of an alarm id, level of an MQTT topic."""
    return ID.match(text) is not None


@functools.lru_cache(maxsize=4096)
def duration_ms(text: str) -> int | None:
    """Whole milliseconds of "5s", "1.5min" ...; None for anything else, for parts of a ms, for over ten years."""
    match = _DURATION.match(text)
    if match is None:
        return None
    exact = Decimal(match.group(1)) * UNITS_MS[match.group(2)]
    if exact != exact.to_integral_value() or exact > MAX_DURATION_MS:
        return None
    return int(exact)


def is_too_long(text: str) -> bool:
    """Whether the text is a duration in form, but of more than ten years."""
    match = _DURATION.match(text)
    return match is not None and Decimal(match.group(1)) * UNITS_MS[match.group(2)] > MAX_DURATION_MS


def nearest_duration(written: object) -> str | None:
    """What a number without a unit, or with another word for the unit, was probably meant to be."""
    match = _NEARLY.match(str(written).strip())
    unit = _SLIPS.get(match.group(2).lower()) if match else None
    meant = f"{match.group(1)}{unit}" if match and unit else None
    return meant if meant and duration_ms(meant) is not None else None


def duration_text(ms: int) -> str:
    """The shortest whole number with a unit that is exactly `ms`."""
    if ms == 0:
        return "0s"
    unit = next(unit for unit in ("d", "h", "min", "s", "ms") if ms % UNITS_MS[unit] == 0)
    return f"{ms // UNITS_MS[unit]}{unit}"


def percent(text: str) -> Decimal | None:
    """The number before the % sign; None for anything else."""
    match = _PERCENT.match(text)
    return None if match is None else Decimal(match.group(1))


def share_of_range(part: Decimal, low: float, high: float) -> float:
    """`part` percent of the range, worked out in decimals and rounded once to the nearest float."""
    return float((Decimal(repr(high)) - Decimal(repr(low))) * part / 100)


def number_text(value: float) -> str:
    """A number as a person writes it: 12 rather than 12.0."""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


@functools.lru_cache(maxsize=65536)  # a site says the same words and numbers over and over
def plain(value: str) -> Any:
    """What text without quotes means: YAML 1.2 core values; with leading zeros it stays text, so that ids keep them."""
    first = value[:1]
    if first.isalpha():
        if value in _BOOLS:
            return _BOOLS[value]
        return None if value in _NULLS else value
    if value in _NULLS:
        return None
    if _INT.match(value) and len(value) < 40:
        return int(value)
    if _FLOAT.match(value) and not _LEADING_ZERO.match(value):
        return float(value)
    return value
