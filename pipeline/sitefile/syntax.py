"""A fault of YAML's grammar -> where it is and what would be right, in words for the person who wrote the file. Pure.

The library says where it lost the thread, in the terms of its own grammar; here that becomes the likely slip.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from yaml.error import MarkedYAMLError, YAMLError

QUOTED = 'texts that hold : # { } [ ] , & * % @ or ` in quotes ("...")'


class Slip(NamedTuple):
    """`line` and `column` count from 1."""

    line: int
    column: int
    found: str
    expected: str


def slip(error: MarkedYAMLError, text: str) -> Slip:
    """What is wrong with the grammar of `text`."""
    problem = str(error.problem or error.context or "")
    at, since = error.problem_mark or error.context_mark, error.context_mark or error.problem_mark
    lines = text.splitlines()
    line = lines[at.line] if at is not None and at.line < len(lines) else ""
    if "tab" in problem or ("cannot start" in problem and line[at.column : at.column + 1] == "\t"):
        return _at(at, "a tab", "spaces instead of tabs")
    if "cannot start" in problem:
        return _at(at, f"{line[at.column : at.column + 1]} at the beginning of a text", QUOTED)
    if "expected ':'" in problem:
        return _at(since, f'"{_written(lines, since)}" without a colon', "key: value")
    if "mapping values" in problem:
        return _at(at, "a colon where no key can be", f"keys indented like their neighbours; {QUOTED}")
    if "quoted scalar" in str(error.context):
        return _at(since, "a quotation mark that is not closed", "a second one")
    if "',' or" in problem:
        return _unclosed(at, since, line, problem)
    if "expected key" in problem or "'-' indicator" in problem or "block" in str(error.context):
        return _at(
            at, f'"{line.strip()[:40]}" indented like nothing above it', "keys and items indented like their neighbours"
        )
    return _at(at, " ".join(part for part in (error.context, problem) if part), "what it allows")


def bad_character(error: YAMLError, text: str) -> Slip:
    """A character that no text file should hold."""
    position = int(getattr(error, "position", 0) or 0)
    line = text.count("\n", 0, position) + 1
    column = position - (text.rfind("\n", 0, position) + 1) + 1
    character = text[position] if position < len(text) else "\0"
    return Slip(line, column, f"the character U+{ord(character):04X}", "printable characters")


def _unclosed(at: Any, since: Any, line: str, problem: str) -> Slip:
    """A list or mapping in one line that does not go on as it should."""
    opened, closes = ("[", "]") if "']'" in problem else ("{", "}")
    if not line.strip():  # the file ended: the place where it was opened tells more
        return _at(since, f"a {opened} that is not closed", closes)
    hint = '; variables in quotes ("${n}")' if "${" in line else ""
    where = f"the {opened} of line {since.line + 1}"
    rest = line[at.column :].strip()[:30] if at.line == since.line else line.strip()[:30]
    return _at(at, f'"{rest}" inside {where}', f"a comma, or {closes} to close it{hint}")


def _written(lines: list[str], mark: Any) -> str:
    return lines[mark.line].strip()[:40] if mark.line < len(lines) else ""


def _at(mark: Any, found: str, expected: str) -> Slip:
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    return Slip(line, column, found, f"YAML: {expected}")
