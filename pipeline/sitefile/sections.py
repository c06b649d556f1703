"""The sections of a site file: what each holds, and how those of several files come together. Checks no content."""

from __future__ import annotations

from typing import Any

from pipeline.sitefile.context import EVERYTHING, Context, first_place
from pipeline.sitefile.fault import nearest
from pipeline.sitefile.tree import Mapping, Sequence

SECTIONS: dict[str, tuple[str, type[Mapping | Sequence]]] = {
    "alarm_classes": ("an alarm class", Mapping),
    "gateways": ("a gateway", Sequence),
    "presets": ("a preset", Mapping),
    "templates": ("a template", Mapping),
    "installations": ("an installation", Sequence),
    "positions": ("a position", Sequence),
    "people": ("a person", Sequence),
    "channels": ("a channel", Mapping),
}
"""What references name."""
OTHERS = frozenset({"schema", "site", "include", "notify", "warnings", "sources", "history"})
SINGLE = frozenset({"notify", "warnings", "history"})
"""Sections that are one thing: they stand in one file."""


def note_shapeless(root: Mapping, context: Context) -> None:
    """A section that is misspelt, or no list (or mapping) at all, names nothing.

    References into it are no further faults.
    """
    for key, (what, shape) in SECTIONS.items():
        if key in root and not isinstance(root[key], shape):
            context.broken.add((what, EVERYTHING))
    for key in root:
        meant = None if key in SECTIONS or key in OTHERS else nearest(key, SECTIONS)
        if meant is not None:  # told as an unknown key
            context.broken.add((SECTIONS[meant][0], EVERYTHING))


def note_unread(context: Context) -> None:
    """A file that cannot be read might have named anything."""
    context.broken |= {(what, EVERYTHING) for what, _ in SECTIONS.values()}


def opened(root: Mapping) -> Mapping:
    """A copy of the main file's sections into which those of other files can be put."""
    whole = Mapping(root.mark)
    for key, value in root.items():
        whole.put(key, _copy(value), root.marks[key])
    return whole


def join(whole: Mapping, root: Mapping, context: Context) -> None:
    """Put the sections of a further file into `whole`. Shapes that are wrong were told by that file's model."""
    for key, value in root.items():
        mark = root.marks[key]
        there = whole.get(key)
        if key in SINGLE and key in whole:
            found = f"the key {key} a second time ({first_place(whole.marks[key], mark)})"
            context.faults.add(mark, found, f"{key} in one file")
        elif key not in whole:
            whole.put(key, _copy(value), mark)
        elif isinstance(there, Mapping) and isinstance(value, Mapping):
            _join_names(there, value, SECTIONS[key][0] if key in SECTIONS else key, context)
        elif isinstance(there, Sequence) and isinstance(value, Sequence):
            for item, place in zip(value, value.marks, strict=True):
                there.put(item, place)


def _join_names(there: Mapping, here: Mapping, what: str, context: Context) -> None:
    for name, body in here.items():
        mark = here.marks[name]
        if name in there:
            found = f"{name} a second time ({first_place(there.marks[name], mark)})"
            context.faults.add(mark, found, f"each {what.partition(' ')[2]} once")
        else:
            there.put(name, body, mark)


def _copy(value: Any) -> Any:
    if isinstance(value, Mapping):
        mapping = Mapping(value.mark)
        for key, one in value.items():
            mapping.put(key, one, value.marks[key])
        return mapping
    if isinstance(value, Sequence):
        sequence = Sequence(value.mark)
        for item, place in zip(value, value.marks, strict=True):
            sequence.put(item, place)
        return sequence
    return value
