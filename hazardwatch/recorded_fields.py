"""One field of a recorded row or command -> a value: times, values, qualities. Pure; it reads no file.

Every function raises ValueError with what was expected, in words for the person who wrote the file.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal

from pipeline.model import Quality
from pipeline.outside import ms_of
from pipeline.site import Point

TIME_EXPECTED = "ISO 8601 with a time zone (2026-11-22T08:00:00+08:00) or epoch milliseconds"
_QUALITIES = {"good": Quality.GOOD, "uncertain": Quality.UNCERTAIN, "bad": Quality.BAD}
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_NO_NUMBER = {"nan", "+nan", "-nan", "inf", "+inf", "-inf", "infinity", "+infinity", "-infinity"}
END_MS = 253_402_300_800_000
"""The year 10000, which ISO 8601 cannot write."""


def time_ms(found: object) -> int:
    """Epoch ms; parts finer than a millisecond are cut."""
    moment = _written(found) if isinstance(found, str) else _epoch(found)
    if not 0 <= moment < END_MS:
        raise ValueError(TIME_EXPECTED + " between the years 1970 and 9999")
    return moment


def _epoch(found: object) -> int:
    if isinstance(found, int | float) and not isinstance(found, bool) and math.isfinite(found):
        return math.floor(found)
    raise ValueError(TIME_EXPECTED)


def _written(found: str) -> int:
    text = found.strip()
    if _NUMBER.fullmatch(text):
        near = float(text)  # decides the size first: the digits of 1e999999999 would fill the memory
        return math.floor(Decimal(text)) if 1 <= near < END_MS else math.floor(min(near, END_MS))
    try:
        return ms_of(text.upper())  # RFC 3339 allows t and z
    except ValueError as error:
        raise ValueError(TIME_EXPECTED) from error


def value_of(found: object, point: Point) -> float:
    """A finite number in the point's unit, or NaN for null, NaN and infinities (a bad sample).

    A point of quantity `state` also takes the names of its states, true and false (1 and 0). `raw` scaling is not
    applied: recorded values have been through it.
    """
    if isinstance(found, bool):
        return _state(found, point)
    if found is None or found == "":
        return math.nan
    if isinstance(found, str):
        return _text_value(found, point)
    if isinstance(found, int | float | Decimal):
        return _finite(found)
    raise ValueError(_value_expected(point))


def _text_value(found: str, point: Point) -> float:
    text = found.strip()
    if _NUMBER.fullmatch(text):
        return _finite(float(text))
    if not text or text.lower() in _NO_NUMBER:
        return math.nan
    return _state(text, point)


def _finite(number: float | Decimal) -> float:
    try:
        value = float(number)
    except OverflowError:  # an integer of more than 308 digits
        return math.nan
    return value if math.isfinite(value) else math.nan


def _state(found: str | bool, point: Point) -> float:
    if point.quantity == "state":
        for number, name in point.states.items():
            if found == name:
                return float(number)
        word = str(found).lower()
        if word in ("true", "false"):
            return float(word == "true")
    raise ValueError(_value_expected(point))


def _value_expected(point: Point) -> str:
    if point.quantity == "state":
        return "a number, true, false, " + ", ".join(point.states.values()) + " or nothing (null)"
    return "a number or nothing (null)"


def quality_of(found: object) -> Quality:
    """Nothing means good."""
    if found is None or found == "":
        return Quality.GOOD
    quality = _QUALITIES.get(found) if isinstance(found, str) else None
    if quality is None:
        raise ValueError("good, uncertain, bad or nothing (good)")
    return quality
