"""The cells of one row by what their columns hold. It reads single values; what they make is told elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from pipeline.iolist.columns import Columns
from pipeline.iolist.headings import Role
from pipeline.iolist.numbers import Measure, NotUnderstood, deadband, duration, measure
from pipeline.iolist.sheet import fold, is_blank, is_broken
from pipeline.iolist.words import class_of, priority_of, said

Read = TypeVar("Read")
_TIME = re.compile(r"(?:\(|\[|,|\s)\s*(ms|s|sec|seconds?|秒|min|minutes?|分钟?|h|hours?|小时)\s*[)\]]?\Z")
_TEXTS = ("cause", "consequence", "action")
_TOLD_HERE = frozenset((*_TEXTS, "name", "kind", "alias", "gas", "states", "remark"))


class Cells(NamedTuple):
    """`row`: what stands in each column, merged cells filled in."""

    columns: Columns
    row: list[str]

    def text(self, what: str, level: str = "") -> str:
        """The cell; "" where it says nothing, or where there is no such column."""
        text = self.columns.text(self.row, Role(what, level))
        return "" if is_blank(text) or (is_broken(text) and what in _TOLD_HERE) else text

    def all(self, what: str, level: str = "") -> list[str]:
        """The cells of every column of the role that say something that can be read."""
        columns = self.columns.of.get(Role(what, level), [])
        texts = [self.row[one.at] for one in columns if one.at < len(self.row)]
        return [one for one in dict.fromkeys(texts) if not is_blank(one) and not is_broken(one)]

    def broken(self) -> list[str]:
        """What is told of texts whose cells hold one of Excel's errors instead; numbers tell it themselves."""
        texts = [(role, one) for role, columns in self.columns.of.items() if role.what in _TOLD_HERE for one in columns]
        said = [(role, self.row[one.at]) for role, one in texts if one.at < len(self.row)]
        return [f"{role.key()}: the cell holds {text}" for role, text in said if is_broken(text)]

    def unit(self, what: str, level: str = "") -> str | None:
        """The unit of the heading."""
        return self.columns.unit(Role(what, level))

    def limits_unit(self) -> str | None:
        """The one unit that the headings of setpoints name, if they do."""
        named = {one.unit for role, columns in self.columns.of.items() if role.what == "setpoint" for one in columns}
        units = named - {None}
        return units.pop() if len(units) == 1 else None

    def measure(self, what: str, text: str) -> Measure:
        """A number, in the unit of the heading where it has none. Raises NotUnderstood."""
        return measure(text, self.unit(what))

    def duration(self, what: str, otherwise: str | None, left_out: list[str], level: str = "") -> str | None:
        """A time; a bare number is in the heading's unit, else in `otherwise`. What is none is told."""
        return self._read(what, level, left_out, lambda text: duration(text, self._time_unit(what, level) or otherwise))

    def attributes(self, level: str, left_out: list[str]) -> dict[str, Any]:
        """What an alarm of the level has besides its setpoint. `level` "": what all alarms of the row share."""
        shared = {
            "class": self._read("class", level, left_out, class_of),
            "priority": self._read("priority", level, left_out, priority_of),
            "deadband": self._read(
                "deadband", level, left_out, lambda text: deadband(text, self.unit("deadband", level))
            ),
            "on_delay": self.duration("on_delay", "s", left_out, level),
            "off_delay": self.duration("off_delay", "s", left_out, level),
            "response_time": self.duration("response_time", None, left_out, level),
        }
        return {key: value for key, value in (shared | self._texts(level)).items() if value is not None}

    def said(self, what: str, level: str = "") -> dict[str, str] | None:
        """A text in the languages that its columns are in; the first column of a language counts."""
        texts = self.all(what, level)
        return {language: text for one in reversed(texts) for language, text in said(one).items()} or None

    def _texts(self, level: str) -> dict[str, Any]:
        return {what: self.said(what, level) for what in _TEXTS}

    def _read(self, what: str, level: str, left_out: list[str], read: Callable[[str], Read]) -> Read | None:
        text = self.text(what, level)
        if not text:
            return None
        try:
            return read(text)
        except NotUnderstood as error:
            left_out.append(f"{Role(what, level).key()}: {error}")
            return None

    def _time_unit(self, what: str, level: str) -> str | None:
        heading = next((one.heading for one in self.columns.of.get(Role(what, level), [])), "")
        found = _TIME.search(fold(heading).casefold())
        return None if found is None else found[1]
