"""YAML text -> plain data in which every key knows its line and column. It knows nothing of plants.

The reading is stricter than YAML: no anchors, no tags, no keys twice, no empty values, one document.
So one place in the file means one thing, and a fault can point at it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import yaml
from yaml.cyaml import CSafeLoader
from yaml.error import MarkedYAMLError, YAMLError
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

from pipeline.sitefile.syntax import Slip, bad_character, slip

MAX_DEPTH = 40
_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+\Z")
_BOOLS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})


class Mark(NamedTuple):
    """A place in the file, both counted from 1; `note` says so when the text itself stands elsewhere (a preset)."""

    line: int
    column: int
    note: str = ""


class Mapping(dict[Any, Any]):
    """A YAML mapping: `mark` is where it is (its key, where it has one), `marks[key]` where each key is."""

    __slots__ = ("mark", "marks")

    def __init__(self, mark: Mark) -> None:
        super().__init__()
        self.mark = mark
        self.marks: dict[Any, Mark] = {}

    def put(self, key: Any, value: Any, mark: Mark) -> None:
        """Set a key together with its place."""
        self[key] = value
        self.marks[key] = mark


class Sequence(list[Any]):
    """A YAML sequence: `marks[i]` is where item i is."""

    __slots__ = ("mark", "marks")

    def __init__(self, mark: Mark) -> None:
        super().__init__()
        self.mark = mark
        self.marks: list[Mark] = []

    def put(self, value: Any, mark: Mark) -> None:
        """Append an item together with its place."""
        self.append(value)
        self.marks.append(mark)


class Trouble(NamedTuple):
    """What is wrong with the text itself."""

    mark: Mark
    found: str
    expected: str
    first: Mark | None = None
    """Where the same key stands first, whose path serves for both."""


class _Stop(Exception):
    def __init__(self, trouble: Trouble) -> None:
        self.trouble = trouble


def parse(text: str) -> tuple[Mapping | None, list[Trouble]]:
    """The tree, or None where the text cannot be read as one mapping; and everything wrong with the text."""
    troubles: list[Trouble] = []
    try:
        events = yaml.parse(text, Loader=CSafeLoader)  # events only: no object is built
        root = _document(events, troubles)
    except _Stop as stop:
        return None, [*troubles, stop.trouble]
    except MarkedYAMLError as error:
        return None, [*troubles, _grammar(slip(error, text))]
    except YAMLError as error:
        return None, [*troubles, _grammar(bad_character(error, text))]
    if isinstance(root, Mapping):
        return root, troubles
    return None, [
        *troubles,
        Trouble(Mark(1, 1), "no keys at all", "a site file: keys such as schema, site, installations"),
    ]


def _grammar(wrong: Slip) -> Trouble:
    return Trouble(Mark(wrong.line, wrong.column), wrong.found, wrong.expected)


def _document(events: Iterator[Any], troubles: list[Trouble]) -> Any:
    root: Any = None
    documents = 0
    for event in events:
        if isinstance(event, DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise _Stop(Trouble(_mark(event), "a second document (---)", "one document"))
        elif not isinstance(event, StreamStartEvent | StreamEndEvent | DocumentEndEvent):
            root = _node(event, events, troubles, Mark(1, 1), 0)
    return root


def _mark(event: Any) -> Mark:
    start = event.start_mark
    return Mark(start.line + 1, start.column + 1)


def _node(event: Any, events: Iterator[Any], troubles: list[Trouble], mark: Mark, depth: int) -> Any:
    if isinstance(event, AliasEvent) or event.anchor is not None:
        what = "an anchor or alias (& *)"
        raise _Stop(Trouble(_mark(event), what, "text written out; templates and alarm_classes are for repetition"))
    if event.tag is not None:
        raise _Stop(Trouble(_mark(event), f"the tag {event.tag}", "a value without a YAML tag"))
    if isinstance(event, ScalarEvent):
        return _scalar(event)
    if depth >= MAX_DEPTH:
        raise _Stop(Trouble(_mark(event), f"more than {MAX_DEPTH} levels inside each other", "fewer levels"))
    if isinstance(event, MappingStartEvent):
        return _mapping(events, troubles, mark, depth + 1)
    assert isinstance(event, SequenceStartEvent)
    return _sequence(events, troubles, mark, depth + 1)


def _mapping(events: Iterator[Any], troubles: list[Trouble], mark: Mark, depth: int) -> Mapping:
    result = Mapping(mark)
    for event in events:
        if isinstance(event, MappingEndEvent):
            break
        place = _mark(event)
        before = len(troubles)
        key = _node(event, events, troubles, place, depth)
        if isinstance(key, Mapping | Sequence):
            del troubles[before:]  # what is inside is no key either
            raise _Stop(Trouble(place, "a list or mapping as a key (braces without quotes?)", "a plain key"))
        value = _node(next(events), events, troubles, place, depth)
        if key in result:
            first = result.marks[key]
            found = f"the key {_show(key)} a second time (first in line {first.line})"
            troubles.append(Trouble(place, found, "each key once", first))
            continue
        if value is None:
            troubles.append(Trouble(place, f"the key {_show(key)} without a value", _expected_of(key)))
        result.put(key, value, place)
    return result


def _sequence(events: Iterator[Any], troubles: list[Trouble], mark: Mark, depth: int) -> Sequence:
    result = Sequence(mark)
    for event in events:
        if isinstance(event, SequenceEndEvent):
            break
        at = _mark(event)
        place = Mark(
            at.line, at.column - 1
        )  # one before: the first key of a mapping in a list begins where its item does
        value = _node(event, events, troubles, place, depth)
        if value is None:
            troubles.append(Trouble(place, "a list item without a value", "a value, or no such item"))
        result.put(value, place)
    return result


def _scalar(event: ScalarEvent) -> Any:
    """YAML 1.2 core values; a number with leading zeros stays text, so that "007" in an id keeps them."""
    value: str = event.value
    if not event.implicit[0]:
        return value
    first = value[:1]
    if first.isalpha():
        if value in _BOOLS:
            return _BOOLS[value]
        return None if value in _NULLS else value
    if value in _NULLS:
        return None
    if _INT.match(value) and len(value) < 40:
        return int(value)
    if _FLOAT.match(value) and not _LEADING_ZERO.match(value):
        return float(value)
    return value


def is_plain_text(value: str) -> bool:
    """Whether a text that is written without quotes is read as text: no number, truth value or nothing."""
    return value[:1].isalpha() and value not in _BOOLS and value not in _NULLS


def _expected_of(key: Any) -> str:
    """What a key without a value was probably meant to be."""
    if isinstance(key, int):
        return "a value, or no such key; decimals have a point (12.5)"
    if "：" in str(key):
        return "a plain colon and a space (key: value)"
    return "a value, or no such key" + ("; a space after the colon" if ":" in str(key) else "")


def _show(key: Any) -> str:
    return str(key).lower() if isinstance(key, bool) else str(key)
