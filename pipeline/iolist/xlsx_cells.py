"""One cell of a workbook -> what a person sees in it: numbers as Excel shows them, with the unit of their format."""

from __future__ import annotations

import re
from datetime import date, time
from decimal import Decimal
from typing import Any

from pipeline.iolist.sheet import UNCALCULATED

_LITERAL = re.compile(r'"([^"]*)"')


def cell_text(shown: Any, written: Any) -> str:
    """`shown`: the cell with the values of formulas; `written`: the same cell with the formulas."""
    value = shown.value
    if value is None:
        return UNCALCULATED if isinstance(written.value, str) and written.value.startswith("=") else ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return _number(value, str(shown.number_format))
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)


def _number(value: float, number_format: str) -> str:
    """15 digits, as Excel shows at most; a percent format shows a hundred times the value."""
    number = Decimal(f"{value:.15g}")
    positive = number_format.split(";", maxsplit=1)[0]
    said = "".join(_LITERAL.findall(positive))
    if "%" in _LITERAL.sub("", positive):
        number, said = number * 100, f"%{said}"
    text = format(number, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) + said
