"""What stands in a cell -> the value that is meant, whatever a spreadsheet made of it; and back. Refuses nothing.

What cannot be meant stays a text: whoever checks the site file says what is wrong with it.
"""

from __future__ import annotations

import datetime
import math
import unicodedata
from decimal import Decimal
from typing import NamedTuple

from hazardwatch.alarm_list.columns import Kind
from pipeline.site import PRIORITIES
from pipeline.sitefile.scalars import duration_ms, number_text

Value = str | float | bool
Cell = str | float | None
"""What a cell shows; None: it is empty."""

_YES = frozenset({"yes", "y", "true", "1", "是"})
_NO = frozenset({"no", "n", "false", "0", "否"})
_WORDS = frozenset({*PRIORITIES, "hold", "trip"})
"""Spreadsheets begin them with a capital."""


class Found(NamedTuple):
    """A cell as it was read; `percent`: a number that is shown as a percentage (0.01 is 1 %)."""

    value: object
    percent: bool = False


def value_of(found: Found, kind: Kind) -> Value | None:
    """The value that is meant; None for an empty cell."""
    if isinstance(found.value, str):
        text = tidy(found.value)
        return None if not text else _of_text(text, kind)
    if found.value is None:
        return None
    if isinstance(found.value, bool):
        return found.value if kind == "yes_no" else str(found.value).lower()
    if isinstance(found.value, int | float):
        return _of_number(found.value, found.percent, kind)
    if isinstance(found.value, datetime.datetime | datetime.date | datetime.time):
        return found.value.isoformat()
    return str(found.value)


def _of_text(text: str, kind: Kind) -> Value:
    if kind == "words":
        return text
    plain = unicodedata.normalize("NFKC", text)
    if kind == "number":
        number = number_of(plain)
        return plain if number is None else number
    if kind == "yes_no":
        word = plain.casefold()
        return True if word in _YES else False if word in _NO else plain
    return plain.lower() if kind == "choice" and plain.lower() in _WORDS else plain


def _of_number(number: float, percent: bool, kind: Kind) -> Value:
    if percent:
        return f"{number_text(float(Decimal(repr(number)) * 100))}%"
    if kind == "yes_no" and number in (0, 1):
        return bool(number)
    return float(number) if kind == "number" else number_text(number)


def number_of(text: str) -> float | None:
    """The number that a text holds."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if number - number == 0 and "_" not in text else None  # neither nan nor infinite


def tidy(text: str) -> str:
    """Without the spaces around it, also wide and no-break ones; line breaks are one character."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip().strip("\u3000\u00a0\u200b\ufeff").strip()


def cell_of(value: Value | None) -> Cell:
    """What a cell shows of a value."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return int(value) if value == int(value) and abs(value) < 1e15 else value
    return value


def same(one: Value | None, other: Value | None) -> bool:
    """Whether both mean the same: 60s is 1min. A spreadsheet may keep no more than ten digits of a number."""
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9)
    if isinstance(one, str) and isinstance(other, str) and one != other:
        ms = duration_ms(one)
        return ms is not None and ms == duration_ms(other)
    return one == other and isinstance(one, bool) == isinstance(other, bool)
