"""A fault: where in the file, what was found, what was expected; and the gathering of all of them at once."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from collections.abc import Mapping as Lookup
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple

from pipeline.sitefile.paths import Paths
from pipeline.sitefile.tree import Mapping, Mark, Place, Sequence

Level = Literal["fault", "warning", "hint"]
TEMPLATES = "templates."
"""How the path of what stands in a template begins."""
_NUMBER = re.compile(r"[0-9.]+")


@dataclass(frozen=True, slots=True)
class InTemplate:
    """A template that a message has to do with, and where: the message's own place, or where it uses the variable."""

    name: str
    file: str
    line: int
    uses: int = 0
    """Of a message in the template: how many equipments it is true of; `first` is one of them."""
    first: str = ""
    first_file: str = ""
    first_line: int = 0


@dataclass(frozen=True, slots=True)
class Fault:
    """`line` and `column` count from 1 (0: the file as a whole).

    `path` is like installations[0].points[2].alarms.H.setpoint, in its own file; in a table, ROW.heading.

    A warning or hint is one without `expected`: `found` says all of it.
    """

    file: str
    line: int
    column: int
    path: str
    found: str
    expected: str
    nearest: str | None = None
    level: Level = "fault"
    template: InTemplate | None = None
    kind: str = ""
    """Of a hint: its sort."""
    of: tuple[str, ...] = ()
    """Of a hint: the ids of all it is true of."""


def render_fault(fault: Fault) -> str:
    """One line for people: file, line, path, found, expected, nearest valid name, template."""
    where = f"{fault.file}:{fault.line}: " if fault.line else f"{fault.file}: "
    path = f"{fault.path}: " if fault.path else ""
    near = f" (did you mean {fault.nearest}?)" if fault.nearest else ""
    of = _of_template(fault)
    if not fault.expected:
        return f"{where}{path}{fault.found}{of}"
    return f"{where}{path}found {fault.found}; expected {fault.expected}{near}{of}"


def _of_template(fault: Fault) -> str:
    of = fault.template
    if of is None:
        return ""
    if not of.uses:
        inside = fault.path.startswith(TEMPLATES)
        return "" if inside else f" (for the template {of.name}, {of.file}:{of.line})"
    first = f"{of.first}, {of.first_file}:{of.first_line}"
    return f" (in {of.uses} equipments that use it, first {first})" if of.uses > 1 else f" (in {first}, which uses it)"


def nearest(word: object, valid: Iterable[str]) -> str | None:
    """The valid name that looks most like the word, if any does."""
    text = str(word)
    names = [str(one) for one in valid]
    folded = {name.casefold(): name for name in names}
    if text.casefold() in folded:
        return folded[text.casefold()]
    close = difflib.get_close_matches(text, names, n=1, cutoff=0.5)
    return close[0] if close else None


def listing(valid: Iterable[str], most: int = 12) -> str:
    """Names for an "expected": all of them, or the first few and how many more."""
    names = list(valid)
    if not names:
        return "none is defined"
    more = f" ... ({len(names)} in all)" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def counted(number: int, what: str) -> str:
    """1 fault, 2 faults."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def shown(value: Any) -> str:
    """A value as it stands in the file, cut short."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping | dict):
        return "a mapping"
    if isinstance(value, Sequence | list):
        return "a list"
    text = f'"{value}"'.replace("\n", "\\n").replace("\r", "\\r") if isinstance(value, str) else repr(value)
    return text if len(text) <= 80 else text[:77] + '..."'


class Use(NamedTuple):
    """An equipment that uses a template, which stands at `of`."""

    id: str
    mark: Mark
    template: str
    of: Mark


@dataclass(slots=True)
class _Noted:
    mark: Mark
    key: str | None
    found: str
    expected: str
    nearest: str | None
    path_of: Mark
    kind: str = ""
    uses: dict[Place, Use] = field(default_factory=dict)
    of: list[str] = field(default_factory=list)


class Faults:
    """Gathers faults. The same rule at the same place is one fault, however many equipments share the template.

    `use`: the equipment that is looked at while they are gathered.
    """

    def __init__(self, level: Level = "fault") -> None:
        self.use: Use | None = None
        self._level = level
        self._noted: dict[tuple[Place, str | None, str], _Noted] = {}

    def __len__(self) -> int:
        return len(self._noted)

    def add(
        self,
        mark: Mark,
        found: str,
        expected: str,
        *,
        near: str | None = None,
        key: str | None = None,
        rule: str | None = None,
        path_of: Mark | None = None,
    ) -> None:
        """`key` is a key that is missing at `mark`; `rule` makes faults one that are worded differently.

        `path_of`: where the path is taken from, when nothing of the tree stands at `mark`.
        """
        # equipments that share a template differ in their numbers
        same = (mark.place, key, rule or _NUMBER.sub("", expected))
        noted = self._noted.setdefault(same, _Noted(mark, key, found, expected, near, path_of or mark))
        if self.use is not None:
            noted.uses.setdefault(self.use.mark.place, self.use)

    def hint(self, mark: Mark, kind: str, words: str, of: str | None = None) -> None:
        """Of a sort that has a name, true of `of`; the same words at the same place are one hint."""
        noted = self._noted.setdefault((mark.place, kind, words), _Noted(mark, None, words, "", None, mark, kind))
        if of is not None:
            noted.of.append(of)

    def missing(self, raw: Mapping, key: str, expected: str) -> None:
        """A key that `raw` lacks."""
        self.add(raw.missing(key), "nothing", expected, key=key)

    def unknown(self, mark: Mark, word: object, what: str, valid: Iterable[str]) -> None:
        """A reference to something that is not there."""
        names = list(valid)
        expected = f"{what}: {listing(names)}"
        self.add(mark, shown(word), expected, near=nearest(word, names), rule=f"unknown {what} {word}")

    def finish(self, paths: Paths, users: Lookup[str, list[Use]] | None = None) -> list[Fault]:
        """All of them in the order of the files, each with its path. `users`: the equipments of each template."""
        noted = sorted(self._noted.values(), key=lambda one: paths.order(one.mark))
        return [self._fault(one, paths, users or {}) for one in noted]

    def _fault(self, one: _Noted, paths: Paths, users: Lookup[str, list[Use]]) -> Fault:
        path = paths.at(one.path_of)
        # the mark of an item is one before it (`tree`): editors want its first letter
        column = one.mark.column + (one.mark.via is None and path.endswith("]"))
        if one.key is not None:
            path = f"{path}.{one.key}" if path else one.key
        return Fault(
            file=paths.file(one.mark),
            line=one.mark.line,
            column=column,
            path=path,
            found=one.found,
            expected=one.expected,
            nearest=one.nearest,
            level=self._level,
            template=_template(one, path, paths, users),
            kind=one.kind,
            of=tuple(one.of),
        )


def _template(one: _Noted, path: str, paths: Paths, users: Lookup[str, list[Use]]) -> InTemplate | None:
    """What a message has to do with a template: it stands in one, or at an equipment that uses one."""
    uses = list(one.uses.values())
    if path.startswith(TEMPLATES):
        known = (name for name in users if f"{path}.".startswith(f"{TEMPLATES}{name}."))  # names may have dots
        name = next(known, path.split(".")[1])
        uses = uses or users.get(name, [])  # what is wrong with a template as such is so for all
        inside = InTemplate(name, paths.file(one.mark), one.mark.line, len(uses))
        if not uses:
            return inside
        first = uses[0]
        return replace(inside, first=first.id, first_file=paths.file(first.mark), first_line=first.mark.line)
    if not uses:
        return None
    via = one.mark.via
    there = via if via is not None and paths.at(via).startswith(TEMPLATES) else uses[0].of
    return InTemplate(uses[0].template, paths.file(there), there.line)
