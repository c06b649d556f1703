"""Changes of the list -> keys of the site file, each where it belongs: in place where the alarm or its equipment says
it, as an override with the reason where a template, a class or a preset does. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping as AnyMapping
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple

from hazardwatch.alarm_list.attributes import TEXTS, Attributes
from hazardwatch.alarm_list.cells import Value
from hazardwatch.alarm_list.columns import Path
from hazardwatch.alarm_list.homes import Home, homes_of
from hazardwatch.alarm_list.read_list import Change
from pipeline.site import LANGUAGES
from pipeline.sitefile import Loaded
from pipeline.sitefile.amend import REMOVED, Patch, Removed
from pipeline.sitefile.classes import Source
from pipeline.sitefile.layout import Place
from pipeline.sitefile.paths import Paths
from pipeline.sitefile.tree import Mapping, Mark

WHY = "why"


class Placed(NamedTuple):
    """A change, where it is written, and as what."""

    change: Change
    mark: Mark
    words: str
    path: str
    """In its file."""


class Refused(NamedTuple):
    """A change that has no place."""

    change: Change
    expected: str


@dataclass(slots=True)
class Plan:
    """`patches`: by file, then by the place of the mapping they change."""

    patches: dict[str, dict[Place, Patch]] = field(default_factory=dict)
    placed: list[Placed] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def plan_of(changes: Sequence[Change], loaded: Loaded, reason: str) -> Plan:
    """Where everything goes. `reason` is put beside whatever overrides something."""
    assert loaded.tree is not None  # a site without faults has one
    plan, homes, paths = Plan(), homes_of(loaded.tree), Paths(loaded.trees)
    for id_, group in groupby(changes, key=lambda one: one.row.alarm):
        of = list(group)
        point, _, name = id_.rpartition("/")
        if of[0].row.cells["type"] == "degraded":
            plan.refused += [Refused(one, "no change: it follows from its vote") for one in of]
            continue
        home = homes[point]
        writing = _Writing(plan, home, name, paths.at(home.holder.mark), reason)
        writing.put(of, loaded.sources.get(id_, {}))
    return plan


@dataclass(slots=True)
class _Writing:
    """One alarm."""

    plan: Plan
    home: Home
    name: str
    path: str
    reason: str

    def put(self, changes: list[Change], sources: AnyMapping[str, Source]) -> None:
        body = self.home.body(self.name)
        after = dict(changes[0].row.attributes)
        for one in changes:
            if one.after is None:
                after.pop(one.path, None)
            else:
                after[one.path] = one.after
        patch: Patch = {}
        overrides = False
        for one in changes:
            source = sources.get(one.attribute) or sources.get(one.path[0])
            variable = self.home.variable(source) if one.after is not None and len(one.path) == 1 else None
            given = body is not None and one.path[0] in body
            if variable is not None and one.after is not None:
                self._patch()[variable] = one.after
                self._note(one, f"variable {variable} of {self.home.says}", self.home.holder.marks[variable], variable)
            elif one.after is None and not _may_be_emptied(body, one.path, after):
                self._refuse_empty(one, source)
            else:
                _lay(patch, one.path, after, body, isinstance(source, Mark))
                overrides = overrides or (not given and (self.home.point is not None or _is_shared(source)))
                self._note_alarm(one, body, source)
        if patch:
            self._lay_alarm(patch, body, overrides=overrides)

    def _patch(self) -> Patch:
        mark = self.home.holder.mark
        return self.plan.patches.setdefault(mark.file, {}).setdefault((mark.line, mark.column), {})

    def _lay_alarm(self, patch: Patch, body: Mapping | None, *, overrides: bool) -> None:
        said = None if body is None else body.get(WHY)
        if isinstance(said, str):
            patch[WHY] = said if self.reason in said else f"{said}; {self.reason}"
        elif overrides:
            patch[WHY] = self.reason
        first, second = self.home.keys(self.name)
        holder = self._patch().setdefault(first, {})
        assert isinstance(holder, dict)  # alarms and override are only ever laid here
        holder[second] = patch

    def _note_alarm(self, change: Change, body: Mapping | None, source: Source | None) -> None:
        keys = self.home.keys(self.name)
        given = body is not None and change.path[0] in body
        mark = self.home.holder.mark if body is None else body.marks[change.path[0]] if given else body.mark
        what = f"override of {self.home.says}" if self.home.point is not None else self.home.says
        said = change.row.sources.get(change.column.title)
        beneath = "" if given or source is None or not said else f", instead of: {said}"
        self._note(change, f"{what}{beneath}", mark, *keys, *change.path)

    def _note(self, change: Change, words: str, mark: Mark, *keys: str) -> None:
        path = ".".join([*([self.path] if self.path else []), *keys])
        self.plan.placed.append(Placed(change, mark, words, path))

    def _refuse_empty(self, change: Change, source: Source | None) -> None:
        gives = "it has a default" if source in (None, "default") else change.row.sources.get(change.column.title)
        self.plan.refused.append(Refused(change, f"a value: it cannot be emptied here ({gives})"))


def _may_be_emptied(body: Mapping | None, path: Path, after: Attributes) -> bool:
    """Only what the alarm says itself; of a text also one language, which then takes the other."""
    if path[0] in TEXTS and any(one[0] == path[0] for one in after):
        return True
    node: object = body
    for step in path[:1] if path[0] in TEXTS else path:
        if not isinstance(node, Mapping):
            return False
        node = next((value for key, value in node.items() if str(key) == step), None)
    return node is not None


def _is_shared(source: Source | None) -> bool:
    """Whether a class or a preset gives it."""
    return source.startswith("class ") if isinstance(source, str) else source is not None


def _lay(patch: Patch, path: Path, after: Attributes, body: Mapping | None, written: bool) -> None:
    """One attribute; a part of several (by_mode) with all of them where what lies beneath would be hidden whole."""
    key = path[0]
    there = None if body is None else body.get(key)
    if key in TEXTS:
        patch[key] = _text(after.get((key, "en")), after.get((key, "zh-CN")), there)
    elif len(path) == 1:
        patch[key] = after.get(path, REMOVED)
    elif not any(one[0] == key for one in after):
        patch[key] = REMOVED
    elif isinstance(there, Mapping) or not written:
        _nest(patch, path, after)
    else:
        for one in after:
            if one[0] == key:
                _nest(patch, one, after)


def _nest(patch: Patch, path: Path, after: Attributes) -> None:
    into = patch
    for depth, step in enumerate(path[:-1], 1):
        below = into.setdefault(step, {})
        if not isinstance(below, dict):
            return  # all of it goes
        if depth > 1 and not any(one[:depth] == path[:depth] for one in after):
            into[step] = REMOVED
            return
        into = below
    into[path[-1]] = after.get(path, REMOVED)


def _text(en: Value | None, zh: Value | None, there: object) -> str | Patch | Removed:
    if en is None or zh is None:
        return REMOVED
    texts = dict(zip(LANGUAGES, (str(en), str(zh)), strict=True))
    if not isinstance(there, Mapping):
        return texts["en"] if en == zh else {**texts}
    return {key: text for key, text in texts.items() if there.get(key) != text and (key in there or en != zh)}
