"""YAML text -> plain data in which every key knows its line and column. It knows nothing of plants.

The reading is stricter than YAML: no anchors, no tags, no keys twice, no empty values, one document.
So one place in the file means one thing, and a fault can point at it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

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

from pipeline.sitefile.scalars import plain
from pipeline.sitefile.syntax import Slip, bad_character, slip

MAX_DEPTH = 40
Place = tuple[str, int, int]
"""File, line, column."""


class Mark(NamedTuple):
    """A place in `file`, line and column counted from 1.

    `note` says so when the text itself stands elsewhere (a preset). `via` is the other place a value has to do with:
    where its template uses the variable it is given for, or the heading of its column in a table.
    """

    line: int
    column: int
    file: str = ""
    note: str = ""
    via: Mark | None = None

    @property
    def place(self) -> Place:
        """What tells two marks apart."""
        return self.file, self.line, self.column

    @property
    def key(self) -> Mark:
        """Where the key stands whose value is here: the template, or the heading of a table."""
        return self.via or self


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

    def missing(self, key: str) -> Mark:  # noqa: ARG002  # a row of a table asks whether it has the column
        """Where a key that is not there is missing."""
        return self.mark


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


def parse(text: str, file: str = "") -> tuple[Mapping | None, list[Trouble]]:
    """The tree, or None where the text cannot be read as one mapping; and everything wrong with the text."""
    root, troubles = _Reader(text, file).read()
    if isinstance(root, Mapping) or troubles:
        return root if isinstance(root, Mapping) else None, troubles
    expected = "a site file: keys such as schema, site, installations"
    return None, [Trouble(Mark(1, 1, file), "no keys at all", expected)]


def parse_cell(text: str, mark: Mark) -> tuple[Any, list[Trouble]]:
    """A list or mapping in one line, as a cell of a table holds it; everything of it stands at `mark`."""
    return _CellReader(text, mark).read()


class _Reader:
    """Goes through the events of one text; no object of YAML's own is ever built."""

    def __init__(self, text: str, file: str) -> None:
        self.troubles: list[Trouble] = []
        self._file = file
        self._text = text
        self._next: Callable[[], Any]

    def read(self) -> tuple[Any, list[Trouble]]:
        """What the text says, None where it cannot be read; and everything wrong with it."""
        try:
            return self._document(), self.troubles
        except _Stop as stop:
            trouble = stop.trouble
        except MarkedYAMLError as error:
            trouble = self._grammar(slip(error, self._text))
        except YAMLError as error:
            trouble = self._grammar(bad_character(error, self._text))
        return None, [*self.troubles, trouble]

    def _document(self) -> Any:
        self._next = CSafeLoader(self._text).get_event
        root: Any = None
        documents = 0
        while (event := self._next()) is not None:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise _Stop(Trouble(self._mark(event), "a second document (---)", "one document"))
            elif not isinstance(event, StreamStartEvent | StreamEndEvent | DocumentEndEvent):
                root = self._node(event, Mark(1, 1, self._file), 0)
        return root

    def _grammar(self, wrong: Slip) -> Trouble:
        return Trouble(Mark(wrong.line, wrong.column, self._file), wrong.found, wrong.expected)

    def _mark(self, event: Any) -> Mark:
        start = event.start_mark
        return Mark(start.line + 1, start.column + 1, self._file)

    def _item(self, event: Any) -> Mark:
        """One column before: the first key of a mapping in a list begins where its item does."""
        start = event.start_mark
        return Mark(start.line + 1, start.column, self._file)

    def _node(self, event: Any, mark: Mark, depth: int) -> Any:
        if isinstance(event, AliasEvent) or event.anchor is not None:
            what = "an anchor or alias (& *)"
            expected = "text written out; templates and alarm_classes are for repetition"
            raise _Stop(Trouble(self._mark(event), what, expected))
        if event.tag is not None:
            raise _Stop(Trouble(self._mark(event), f"the tag {event.tag}", "a value without a YAML tag"))
        if isinstance(event, ScalarEvent):
            return event.value if not event.implicit[0] else plain(event.value)
        if depth >= MAX_DEPTH:
            found = f"more than {MAX_DEPTH} levels inside each other"
            raise _Stop(Trouble(self._mark(event), found, "fewer levels"))
        if isinstance(event, MappingStartEvent):
            return self._mapping(mark, depth + 1)
        assert isinstance(event, SequenceStartEvent)
        return self._sequence(mark, depth + 1)

    def _mapping(self, mark: Mark, depth: int) -> Mapping:
        result = Mapping(mark)
        while not isinstance(event := self._next(), MappingEndEvent):
            place = self._mark(event)
            before = len(self.troubles)
            key = self._node(event, place, depth)
            if isinstance(key, Mapping | Sequence):
                del self.troubles[before:]  # what is inside is no key either
                raise _Stop(Trouble(place, "a list or mapping as a key (braces without quotes?)", "a plain key"))
            value = self._node(self._next(), place, depth)
            if key in result:
                first = result.marks[key]
                found = f"the key {_show(key)} a second time (first in line {first.line})"
                self.troubles.append(Trouble(place, found, "each key once", first))
                continue
            if value is None:
                self.troubles.append(Trouble(place, f"the key {_show(key)} without a value", _expected_of(key)))
            result.put(key, value, place)
        return result

    def _sequence(self, mark: Mark, depth: int) -> Sequence:
        result = Sequence(mark)
        while not isinstance(event := self._next(), SequenceEndEvent):
            place = self._item(event)
            value = self._node(event, place, depth)
            if value is None:
                self.troubles.append(Trouble(place, "a list item without a value", "a value, or no such item"))
            result.put(value, place)
        return result


class _CellReader(_Reader):
    """The same for a cell of a table: it is one place."""

    def __init__(self, text: str, mark: Mark) -> None:
        super().__init__(text, mark.file)
        self._at = mark

    def _grammar(self, wrong: Slip) -> Trouble:
        return Trouble(self._at, wrong.found, wrong.expected)

    def _mark(self, _event: Any) -> Mark:
        return self._at

    def _item(self, _event: Any) -> Mark:
        return self._at


def _expected_of(key: Any) -> str:
    """What a key without a value was probably meant to be."""
    if isinstance(key, int):
        return "a value, or no such key; decimals have a point (12.5)"
    if "：" in str(key):
        return "a plain colon and a space (key: value)"
    return "a value, or no such key" + ("; a space after the colon" if ":" in str(key) else "")


def _show(key: Any) -> str:
    return str(key).lower() if isinstance(key, bool) else str(key)
