"""Where in the site file an alarm of its own point, of a template's or of an installation may be changed. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from pipeline.sitefile.classes import Source
from pipeline.sitefile.fault import Faults
from pipeline.sitefile.files import named
from pipeline.sitefile.installation import items
from pipeline.sitefile.template import substituted, values_of
from pipeline.sitefile.tree import Mapping, Mark, Sequence

_NOTHING_FIXED: frozenset[int] = frozenset()


class Home(NamedTuple):
    """`holder` is the equipment that uses a template, the point, or the installation; `says` names it.

    `written` has the alarms as they are without overrides, and `wrote` names who says so. `point`: what `override`
    calls the point, where the holder is an equipment; `template` is that equipment's.
    """

    holder: Mapping
    says: str
    written: Mapping
    wrote: str
    point: str | None = None
    template: Mapping | None = None

    def keys(self, name: str) -> tuple[str, str]:
        """Below the holder, of the alarm of that name."""
        return ("alarms", name) if self.point is None else ("override", f"{self.point}/{name}")

    def body(self, name: str) -> Mapping | None:
        """What stands there now."""
        node = self.holder
        for wanted in self.keys(name):
            below = next((value for key, value in node.items() if str(key) == wanted), None)
            if not isinstance(below, Mapping):
                return None
            node = below
        return node

    def variable(self, source: Source | None) -> str | None:
        """The variable of the equipment that gives the value, if it serves for nothing else in the template."""
        if self.template is None or not isinstance(source, Mark) or source.note:
            return None
        name = next((key for key, mark in self.holder.marks.items() if mark.place == source.place), None)
        return str(name) if name is not None and _uses(self.template, f"${{{name}}}") == 1 else None


def _uses(node: Any, variable: str) -> int:
    if isinstance(node, Mapping):
        return sum(_uses(value, variable) for value in node.values())
    if isinstance(node, Sequence):
        return sum(_uses(value, variable) for value in node)
    return len(re.findall(re.escape(variable), node)) if isinstance(node, str) else 0


def homes_of(tree: Mapping) -> dict[str, Home]:
    """By INSTALLATION/POINT, and by INSTALLATION for the alarms over several points."""
    templates = tree.get("templates")
    homes: dict[str, Home] = {}
    for raw in items(tree, "installations"):
        id_ = str(raw["id"])
        homes[id_] = _of_its_own(raw, f"installation {id_}")
        for point, home in _of_equipment(raw, templates if isinstance(templates, Mapping) else Mapping(raw.mark)):
            homes[f"{id_}/{point}"] = home
        for one in items(raw, "points"):
            homes[f"{id_}/{one['id']}"] = _of_its_own(one, f"point {one['id']}")
    return homes


def _of_its_own(raw: Mapping, says: str) -> Home:
    return Home(raw, says, raw, says)


def _of_equipment(raw: Mapping, templates: Mapping) -> Iterator[tuple[str, Home]]:
    for one in items(raw, "equipment"):
        template = templates.get(one.get("use"))
        if not isinstance(template, Mapping):
            continue
        values = values_of(one, [str(name) for name in template.get("vars", ())], Faults()) or {}
        for point in items(template, "points"):
            written = substituted(point, point.mark, values, _NOTHING_FIXED)[0]
            id_ = str(written["id"])
            yield id_, Home(one, f"equipment {one['id']}", written, f"template {one['use']}", id_, template)


def tables_of(tree: Mapping) -> frozenset[str]:
    """The files among a site's that are CSV tables."""
    found = set()
    for raw in items(tree, "installations"):
        entries = raw.get("table")
        for entry in entries if isinstance(entries, Sequence) else [entries]:
            if isinstance(entry, str):
                found.add(named(entry, raw.marks["table"].file))
    return frozenset(found)
