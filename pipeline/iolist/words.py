"""Words of a list that are attributes of alarms: priorities, classes; and texts in the language they are in."""

from __future__ import annotations

import re

from pipeline.iolist.numbers import NotUnderstood
from pipeline.iolist.sheet import fold

_PRIORITIES: dict[str, tuple[str, ...]] = {
    "critical": ("1", "i", "紧急", "危急", "特急", "最高", "严重", "critical", "urgent", "emergency", "highest"),
    "high": ("2", "ii", "高", "重要", "较高", "high", "major"),
    "medium": ("3", "iii", "中", "中等", "一般", "medium", "med", "normal", "moderate"),
    "low": ("4", "iv", "低", "较低", "low", "minor", "advisory"),
}  # fmt: skip
_PRIORITY_OF = {word: priority for priority, words in _PRIORITIES.items() for word in words}
_NUMERALS = {"一": "1", "二": "2", "三": "3", "四": "4"}
_CLASSES = {
    "safety": "safety",
    "安全": "safety",
    "sis": "safety",
    "process": "process",
    "工艺": "process",
    "过程": "process",
}


def said(text: str) -> dict[str, str]:
    """The text under its language, as the site file writes it."""
    return {"zh-CN" if re.search(r"[\u3400-\u9fff]", text) else "en": text}


def priority_of(text: str) -> str:
    """1 is the most urgent of 1 to 4. Raises NotUnderstood."""
    word = fold(text).casefold().strip(" .")
    word = re.sub(r"^(?:p|prio|priority|level|优先级)\s*[-:]?\s*(?=[1-4]\Z)", "", word)
    word = re.sub(r"(?:优先级?|级别?|报警|级报警|\s*priority)\Z", "", word)
    word = re.sub(r"\A([1-4])\s*[-. (:]\s*([a-z\u4e00-\u9fff]+)\)?\Z", _agreeing, word)
    found = _PRIORITY_OF.get(_NUMERALS.get(word, word))
    if found is None:
        raise NotUnderstood(f"{text!r} is no priority (1 to 4, critical, high, medium, low, 紧急, 高, 中, 低)")
    return found


def _agreeing(found: re.Match[str]) -> str:
    """For "1-critical" 1; "1-low" is left as it is, and nobody understands it."""
    return found[1] if _PRIORITY_OF.get(found[1]) == _PRIORITY_OF.get(found[2]) else found[0]


def class_of(text: str) -> str:
    """An alarm class that every site has. Raises NotUnderstood."""
    found = _CLASSES.get(fold(text).casefold())
    if found is None:
        raise NotUnderstood(f"{text!r} is no class (safety, process)")
    return found
