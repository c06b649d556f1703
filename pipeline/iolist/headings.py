"""What a heading of an I/O list says its column holds, in English and Chinese. One heading at a time; finds no rows."""

from __future__ import annotations

import re
from typing import NamedTuple

from pipeline.iolist.heading_words import ALARM, LEVELS, NAME_OF, OF_ALARM, TRIP, WORDS
from pipeline.iolist.sheet import LONGEST_WORDS, fold
from pipeline.iolist.unit_names import unit_within

ATTRIBUTES = frozenset(
    ("on_delay", "off_delay", "deadband", "priority", "class", "cause", "consequence", "action", "response_time")
)
"""Roles that speak of one alarm where the heading names a level, else of every alarm of the row."""
USED = ATTRIBUTES | {
    "tag", "alias", "name", "location", "kind", "unit", "range", "range_low", "range_high", "setpoint", "trip",
    "alarm_type", "equipment", "gateway", "gas", "period", "states", "remark",
}  # fmt: skip
"""Roles whose cells become something of the site file."""
_MAY_NAME_A_LEVEL = {None, "setpoint", "kind", "name", "alarm_type", "range_low", "range_high"}
_BRACKETS = re.compile(r"[(\[【]([^()\[\]【】]*)[)\]】]")
_IS_WORD = re.compile(
    r"[\u4e00-\u9fff]{2,}|\b(?:hh|hihi|hi|h|l|lo|ll|lolo|min|max|tag|alarm|description)\b", re.IGNORECASE
)


class Role(NamedTuple):
    """What a column holds; `level` (HH, H, L, LL) where it speaks of one alarm only."""

    what: str
    level: str = ""

    def key(self) -> str:
        """As `--columns` takes it: tag, HH, HH.priority."""
        if not self.level:
            return self.what
        return self.level if self.what == "setpoint" else f"{self.level}.{self.what}"


class Heading(NamedTuple):
    """`unit`: the one it names, for numbers without one."""

    role: Role
    unit: str | None


def heading_of(text: str) -> Heading | None:
    """What the column holds; None where the words say nothing we know."""
    plain = _plain(text[:LONGEST_WORDS])
    role = _role(plain) if plain else None
    return None if role is None else Heading(role, unit_within(fold(text[:LONGEST_WORDS])))


def role_of_key(key: str) -> Role | None:
    """The other way round from `Role.key`."""
    level, _, what = key.rpartition(".")
    if key.upper() in LEVELS and key.isupper() | key.islower():
        return Role("setpoint", key.upper())
    if level.upper() in LEVELS and what in ATTRIBUTES:
        return Role(what, level.upper())
    return Role(key) if key in USED - {"trip"} else None


def _plain(text: str) -> str:
    """Lower case, signs as spaces, and no unit in brackets: "Tag No." and "TAG-NO" are both "tag no"."""
    words = _BRACKETS.sub(lambda found: f" {found[1]} " if _IS_WORD.search(found[1]) else " ", fold(text))
    return " ".join(re.sub(r"[^0-9a-z\u4e00-\u9fff]+", " ", words.casefold()).split())


def _role(plain: str) -> Role | None:
    level = next((name for name, pattern in LEVELS.items() if pattern.search(plain)), "")
    what = next((name for name, pattern in WORDS.items() if pattern.search(plain)), None)
    if NAME_OF.search(plain):
        what = "equipment_name" if plain.startswith("设备") else "name"
    if what in ATTRIBUTES:
        return Role(what, level)
    if level and ALARM.search(plain) and what in _MAY_NAME_A_LEVEL:
        if what in {"range_low", "range_high"} and not OF_ALARM.search(plain):
            return Role(what)
        is_trip = TRIP.search(plain) and not OF_ALARM.search(TRIP.sub("", plain))
        return Role("trip" if is_trip else "setpoint", level)
    return None if what is None else Role(what)
