"""Plain data -> YAML as a person would write it: short things on one line, long ones below each other."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

from pipeline.iolist.numbers import plain

WIDTH = 120
_PLAIN = re.compile(r"[^\W\d_](?:[\w .+/%°³²·()（）、，。；-]*[\w.%)）。])?")
_WITH_CHINESE = re.compile(r"(?=[^:]*[\u4e00-\u9fff])[\w°](?:[\w .+/%°³²·()（）、，。；-]*[\w.%)）。])?")
_AMOUNT = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:ms|s|min|h|d|%)|°[CF]")
_WORDS = frozenset(("true", "false", "null", "yes", "no", "on", "off", "nan", "inf"))


def scalar(value: Any) -> str:
    """A text, number or truth value on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, int | float):
        return repr(value)
    text = str(value)
    if any(form.fullmatch(text) for form in (_PLAIN, _WITH_CHINESE, _AMOUNT)) and text.casefold() not in _WORDS:
        return text
    return json.dumps(text, ensure_ascii=False)


def flow(value: Any) -> str:
    """Any value on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(key)}: {flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    return scalar(value)


def item(value: dict[str, Any], indent: int, *, short: bool = False) -> list[str]:
    """One mapping of a list, block-wise, as lines; `short`: on one line, however long."""
    if short:
        return [f"{' ' * indent}- {flow(value)}"]
    lines = block(value, indent + 2)
    return [f"{' ' * indent}- {lines[0].lstrip()}", *lines[1:]]


def block(value: dict[str, Any], indent: int) -> list[str]:
    """A mapping, one key below the other; what is inside stays on the key's line where it fits."""
    lines = []
    for key, one in value.items():
        head = f"{' ' * indent}{scalar(key)}:"
        if not isinstance(one, dict) or (key != "alarms" and len(head) + len(flow(one)) < WIDTH):
            lines.append(f"{head} {flow(one)}")
        else:
            lines += [head, *block(one, indent + 2)]
    return lines


def comment(text: str, indent: int = 0) -> str:
    """A line that the program passes over."""
    return f"{' ' * indent}# {text}".rstrip()
