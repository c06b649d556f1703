"""One sheet of an I/O list as texts, whatever file it came from. It knows no headings and no meaning."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹣－"), "-")
_TILDES = dict.fromkeys(map(ord, "～〜∼˜"), "~")
_BEFORE_NFKC = (
    _DASHES | _TILDES | {ord("º"): "°", ord("˚"): "°", ord("≧"): "≥", ord("⩾"): "≥", ord("≦"): "≤", ord("⩽"): "≤"}
)
_INVISIBLE = re.compile(r"[\u200b-\u200f\u2060\ufeff\u00ad]")
_BLANKS = frozenset(
    ("", "-", "--", "---", "/", "//", "\\", "n/a", "na", "n.a.", "n.a", "nil", "none", "null", "no", "x", "×", "无",
     "没有", "不设", "未设", "不报警", "无报警", "不适用")
)  # fmt: skip
LONGEST_WORDS = 200
"""Characters of a heading, a tag or a description that are searched for something; texts themselves stay whole."""
EXCEL_ERRORS = frozenset(("#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#GETTING_DATA"))
UNCALCULATED = "#UNCALCULATED!"
"""Stands for a formula whose value the file does not hold."""


class Span(NamedTuple):
    """Cells merged into one; all counted from 0, all inclusive."""

    top: int
    left: int
    bottom: int
    right: int


class Sheet(NamedTuple):
    """`rows[r][c]` is what a person sees in the cell; rows may differ in length. `name` is "" where there is none."""

    name: str
    rows: list[list[str]]
    merged: tuple[Span, ...] = ()

    def where(self, row: int) -> str:
        """How people find the row: counted from 1."""
        return f"sheet {self.name} row {row + 1}" if self.name else f"row {row + 1}"


def letters(column: int) -> str:
    """The column as Excel names it: 0 is A, 26 is AA."""
    name, rest = "", column + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        name = chr(ord("A") + digit) + name
    return name


def column_of(name: str) -> int | None:
    """The other way round; None for what names no column."""
    if not re.fullmatch(r"[A-Za-z]{1,3}", name):
        return None
    number = 0
    for letter in name.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def clean(text: str) -> str:
    """One line that any YAML reader takes, otherwise as it was written."""
    seen = "".join(" " if unicodedata.category(one) in {"Cc", "Zl", "Zp"} else one for one in text)
    kept = "".join(one for one in _INVISIBLE.sub("", seen) if unicodedata.category(one) not in {"Cs", "Cn", "Co", "Cf"})
    return " ".join(kept.split())


def fold(text: str) -> str:
    """For reading: full-width digits and letters, the many dashes and tildes as the plain ones."""
    return " ".join(unicodedata.normalize("NFKC", text.translate(_BEFORE_NFKC)).translate(_DASHES | _TILDES).split())


def is_blank(text: str) -> bool:
    """Whether the cell says "nothing": empty, -, /, N/A, 无."""
    return fold(text).casefold() in _BLANKS


def is_broken(text: str) -> bool:
    """Whether the cell holds one of Excel's errors, or a formula without its value."""
    return text.upper() in EXCEL_ERRORS or text == UNCALCULATED


def filled_down(sheet: Sheet) -> list[list[str]]:
    """The rows with every cell of a merged block in its leftmost column saying what the block says.

    Sideways a value is not repeated: "none" over HH, H, L and LL is no setpoint of LL.
    """
    rows = [list(row) for row in sheet.rows]
    for span in sheet.merged:
        if span.top == span.bottom or span.top >= len(rows):
            continue
        text = _at(rows[span.top], span.left)
        for row in rows[span.top + 1 : span.bottom + 1]:
            row.extend([""] * (span.left + 1 - len(row)))
            row[span.left] = text
    return rows


def filled_across(sheet: Sheet, row: int) -> list[str]:
    """One row of headings: every cell of a merged block says what the block says."""
    texts = list(sheet.rows[row])
    for span in sheet.merged:
        if span.top <= row <= span.bottom:
            texts.extend([""] * (span.right + 1 - len(texts)))
            said = _at(sheet.rows[span.top], span.left)
            texts[span.left : span.right + 1] = [said] * (span.right + 1 - span.left)
    return texts


def _at(row: list[str], column: int) -> str:
    return row[column] if column < len(row) else ""
