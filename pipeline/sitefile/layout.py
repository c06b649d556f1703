"""Where each key and value of a YAML text stands, to the character, so that one can be changed and no other is touched.

It reads only texts that `tree.parse` found nothing wrong with, and knows nothing of plants.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.cyaml import CSafeLoader
from yaml.events import (
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamStartEvent,
)

Place = tuple[int, int]
"""Line and column from 1, as a `tree.Mark` counts them."""


@dataclass(slots=True)
class Node:
    """A scalar, mapping or sequence: `text[start:end]`, counted in characters.

    `end` is behind the last character that belongs to it: without the line break and the comments that follow.
    """

    start: int
    end: int
    column: int
    flow: bool = False
    style: str = ""
    value: str = ""
    pairs: list[tuple[Node, Node]] | None = None
    items: list[Node] = field(default_factory=list)

    def pair(self, key: str) -> tuple[Node, Node] | None:
        """The key of a mapping with its value."""
        return next((pair for pair in self.pairs or () if pair[0].value == key), None)


def mappings(text: str) -> dict[Place, Node]:
    """Every mapping of the text by its `tree.Mapping.mark`; the outermost has the place that its first key has too."""
    found: dict[Place, Node] = {}
    events = yaml.parse(text, Loader=CSafeLoader)
    for event in events:
        if not isinstance(event, StreamStartEvent | DocumentStartEvent):
            _node(event, events, (1, 1), text, found)
            break
    return found


def _place(event: Any) -> Place:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _node(event: Any, events: Iterator[Any], place: Place, text: str, found: dict[Place, Node]) -> Node:
    start, end = event.start_mark.index, event.end_mark.index
    if isinstance(event, ScalarEvent):
        if event.style in {"|", ">"}:
            end = start + len(text[start:end].rstrip())
        return Node(start, end, event.start_mark.column, style=event.style or "", value=event.value)
    node = Node(start, end, event.start_mark.column, flow=bool(event.flow_style))
    if isinstance(event, MappingStartEvent):
        node.pairs = []
        found.setdefault(place, node)
        _pairs(node, node.pairs, events, text, found)
    elif isinstance(event, SequenceStartEvent):
        _items(node, events, text, found)
    return node


def _pairs(
    node: Node, pairs: list[tuple[Node, Node]], events: Iterator[Any], text: str, found: dict[Place, Node]
) -> None:
    for event in events:
        if isinstance(event, MappingEndEvent):
            node.end = event.end_mark.index if node.flow else pairs[-1][1].end
            return
        place = _place(event)
        key = _node(event, events, place, text, found)
        pairs.append((key, _node(next(events), events, place, text, found)))


def _items(node: Node, events: Iterator[Any], text: str, found: dict[Place, Node]) -> None:
    for event in events:
        if isinstance(event, SequenceEndEvent):
            node.end = event.end_mark.index if node.flow or not node.items else node.items[-1].end
            return
        line, column = _place(event)
        # One before, as in tree.py: the first key of a mapping in a list begins where its item does.
        node.items.append(_node(event, events, (line, column - 1), text, found))
