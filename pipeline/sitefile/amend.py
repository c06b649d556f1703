"""Keys of a YAML text set, changed and removed, with every other character as it was. It judges no value.

Why not a library that writes the whole file anew: docs/decisions/0024-editing-a-site-file.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import NamedTuple

from pipeline.sitefile.layout import Node, Place, mappings
from pipeline.sitefile.scalars import duration_ms, number_text, percent, plain


class Removed(Enum):
    """The key is to go."""

    REMOVED = "removed"


REMOVED = Removed.REMOVED
Patch = dict[str, "str | float | bool | Removed | Patch"]
"""Keys of a mapping with what they are to be; a mapping below one is changed likewise, or made."""

_PLAIN = re.compile(r"\w(?:[\w ./%+();-]*[\w./%+)-])?\Z")
_MEASURE = re.compile(r"[0-9]+(?:\.[0-9]+)? [A-Za-z][A-Za-z0-9/]*\Z")
_RAW = re.compile(r"[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_TRUTHS = frozenset({"yes", "no", "on", "off", "y", "n"})
"""Truth values in older YAML."""
_INDENT = "  "


class _Edit(NamedTuple):
    start: int
    end: int
    new: str


def amended(text: str, patches: Mapping[Place, Patch]) -> str:
    """The text with each patch laid on the mapping that stands there (`tree.Mapping.mark`).

    A key that was not there comes last in its mapping. Raises KeyError where no mapping stands.
    """
    found = mappings(text)
    newline = "\r\n" if "\r\n" in text else "\n"
    edits = [edit for place, patch in patches.items() for edit in _mapping(found[place], patch, text, newline)]
    for edit in sorted(edits, reverse=True):
        text = text[: edit.start] + edit.new + text[edit.end :]
    return text


def _mapping(node: Node, patch: Patch, text: str, newline: str) -> Iterator[_Edit]:
    pairs = node.pairs or []
    known = {key.value: value for key, value in pairs}
    new: Patch = {key: value for key, value in patch.items() if key not in known and value is not REMOVED}
    gone = {key for key, value in patch.items() if key in known and value is REMOVED}
    for key, value in patch.items():
        if key not in known or isinstance(value, Removed):
            continue
        if isinstance(value, dict) and known[key].pairs is not None:
            yield from _mapping(known[key], value, text, newline)
        else:
            yield _Edit(known[key].start, known[key].end, _like(known[key], value))
    if len(gone) == len(pairs):
        whole = _flow(new) if not node.flow or not pairs else _flow(new)[1:-1]
        first, last = (pairs[0][0].start, pairs[-1][1].end) if pairs else (node.start, node.end)
        yield _Edit(first, last, whole)
        return
    yield from _removals(node, gone, text)
    if new and node.flow:
        yield _Edit(pairs[-1][1].end, pairs[-1][1].end, ", " + _flow(new)[1:-1])
    elif new:
        yield _appended(node, new, text, newline)


def _removals(node: Node, gone: set[str], text: str) -> Iterator[_Edit]:
    """Each with the comma before it, or with its line; the first ones up to the first that stays."""
    pairs = node.pairs or []
    stays = next(index for index, (key, _) in enumerate(pairs) if key.value not in gone)
    if stays:
        yield _Edit(pairs[0][0].start, pairs[stays][0].start, "")
    for index in range(stays + 1, len(pairs)):
        key, value = pairs[index]
        if key.value in gone and node.flow:
            yield _Edit(pairs[index - 1][1].end, value.end, "")
        elif key.value in gone:
            yield _Edit(key.start - key.column, _line_end(text, value.end), "")


def _appended(node: Node, new: Patch, text: str, newline: str) -> _Edit:
    """New lines of a block mapping, below its last one."""
    pairs = node.pairs or []
    lines = newline.join(_block(new, " " * pairs[0][0].column))
    at = _line_end(text, pairs[-1][1].end)
    if at == 0 or text[at - 1] != "\n":
        return _Edit(at, at, newline + lines)
    return _Edit(at, at, lines + newline)


def _line_end(text: str, at: int) -> int:
    """Behind the line break that ends the line."""
    found = text.find("\n", at)
    return len(text) if found < 0 else found + 1


def _block(patch: Patch, indent: str) -> Iterator[str]:
    """Lines; a mapping of mappings takes a line for each, as people write alarms and overrides."""
    for key, value in patch.items():
        if isinstance(value, dict) and any(isinstance(below, dict) for below in value.values()):
            yield f"{indent}{_text(key)}:"
            yield from _block(value, indent + _INDENT)
        else:
            yield f"{indent}{_text(key)}: {shown(value)}"


def _flow(patch: Patch) -> str:
    return "{" + ", ".join(f"{_text(key)}: {shown(value)}" for key, value in patch.items()) + "}"


def shown(value: str | float | bool | Removed | Patch) -> str:
    """As YAML in one line."""
    if isinstance(value, dict):
        return _flow({key: below for key, below in value.items() if below is not REMOVED})
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    assert not isinstance(value, Removed)  # who is gone is not written
    return number_text(value)


def _like(node: Node, value: str | float | bool | Removed | Patch) -> str:
    """As the value that stood there was quoted."""
    if isinstance(value, str) and node.style == '"':
        return _double_quoted(value)
    if isinstance(value, str) and node.style == "'" and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    return shown(value)


def _text(text: str) -> str:
    """Without quotes only where every YAML reader, in every place, takes it for that very text."""
    if duration_ms(text) is not None or percent(text) is not None or _MEASURE.match(text):
        return text
    bare = _PLAIN.match(text) and text[0].isalpha() and plain(text) == text and text.lower() not in _TRUTHS
    return text if bare else _double_quoted(text)


def _double_quoted(text: str) -> str:
    quoted = json.dumps(text, ensure_ascii=False)
    return _RAW.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)
