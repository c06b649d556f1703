"""Other people's topics and payloads -> readings, as the site's `sources` say. Pure; compiled once per site."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from ingest.reading import Refusal, Refusals, Refused, Target, loose_json, shown, target_of
from pipeline.site import Source

_LEVEL = re.compile(r"\{(\d+)\}")
_MISSING = object()

Levels = Sequence[str]
"""What the + of a topic stood for, in order."""
_Text = Callable[[Levels, object, object], object]
"""(levels, element, whole payload) -> what stands there, or _MISSING."""


def matches(pattern: str) -> re.Pattern[str]:
    """An MQTT topic filter as an expression whose groups are its + levels. (`#` also stands for the level above.)"""
    parts = []
    for at, level in enumerate(pattern.split("/")):
        slash = "/" if at else ""
        if level == "#":
            parts.append(f"(?:{slash}.*)?")
        else:
            parts.append(slash + ("([^/]*)" if level == "+" else re.escape(level)))
    # A wildcard in front does not speak for the broker's own $ topics.
    return re.compile(("(?!\\$)" if pattern[:1] in ("+", "#") else "") + "".join(parts), re.DOTALL)


class Mapped:
    """One entry of `sources`, compiled. `targets` by installation, then by point id and alias.

    `foreign`: (installation, point) that are there, but whose unit the source's values cannot be told in.
    """

    def __init__(
        self,
        source: Source,
        targets: Mapping[str, Mapping[str, Target]],
        foreign: frozenset[tuple[str, str]] = frozenset(),
    ) -> None:
        points = {name for of_installation in targets.values() for name in of_installation}
        points |= {name for _, name in foreign}
        self._foreign = foreign
        self._unit = source.readings.unit
        self._pattern = matches(source.topic)
        self._targets = targets
        self._each = _path(source.each) if source.each else None
        self._time = _path(source.time) if source.time else None
        self._installation = _text(source.readings.installation, targets)
        self._point = _text(source.readings.point, points)
        self._value = _path(source.readings.value)
        self._quality = _path(source.readings.quality) if source.readings.quality else None
        self._qualities = source.quality_map

    def match(self, topic: str) -> Levels | None:
        """The + levels if the topic is one of this source's."""
        found = self._pattern.fullmatch(topic)
        return found.groups() if found else None

    def read(self, levels: Levels, payload: bytes, base: int, refusals: Refusals) -> int:
        """Returns the readings added; as `decode.read_batch`."""
        try:
            whole = loose_json(payload)
            elements = self._elements(levels, whole)
        except Refused as refused:
            refusals.append(Refusal(refused.reason, refused.detail))
            return 0
        added = 0
        for at, element in enumerate(elements):
            try:
                self._add(levels, element, whole, base)
            except Refused as refused:
                place = f"{at}: " if self._each else ""
                refusals.append(Refusal(refused.reason, place + refused.detail))
            else:
                added += 1
        return added

    def _elements(self, levels: Levels, whole: object) -> Sequence[object]:
        if self._each is None:
            return [whole]
        found = self._each(levels, whole, whole)
        if not isinstance(found, list):
            raise Refused("wrong_shape", "`each` leads to no list")
        return found

    def _add(self, levels: Levels, element: object, whole: object, base: int) -> None:
        installation = self._installation(levels, element, whole)
        targets = self._targets.get(installation) if isinstance(installation, str) else None
        if targets is None:
            raise Refused("unknown_installation", f"{str(installation)[:80]!r} is no installation here")
        point = self._point(levels, element, whole)
        if self._foreign and (installation, point) in self._foreign:
            raise Refused("wrong_unit", f"{shown(point)} is not measured in anything like {self._unit}")
        target = target_of(targets, point)
        value = self._value(levels, element, whole)
        if value is _MISSING:
            raise Refused("no_value", "there is no value where the source has it")
        time = self._time(levels, element, whole) if self._time else None
        target.add(value, None if time is _MISSING else time, self._quality_word(levels, element, whole), base)

    def _quality_word(self, levels: Levels, element: object, whole: object) -> object:
        found = self._quality(levels, element, whole) if self._quality else None
        if found is None or found is _MISSING:
            return None
        if not self._qualities:
            return found
        key = f"{found:.15g}" if isinstance(found, float) else str(found)
        word = self._qualities.get(key)
        if word is None:
            raise Refused("unknown_quality", f"{key[:80]!r} is not in the quality_map")
        return word


def _text(template: str, known: object) -> _Text:
    """`{1}` is a + level of the topic; a known id stands for itself; anything else is a field path."""
    if _LEVEL.search(template):
        return lambda levels, _element, _whole: _LEVEL.sub(lambda found: _level(levels, int(found[1])), template)
    if template in known:  # type: ignore[operator]  # a mapping or a set of ids
        return lambda _levels, _element, _whole: template
    return _path(template)


def _level(levels: Levels, number: int) -> str:
    return levels[number - 1] if 0 < number <= len(levels) else ""


def _path(path: str) -> _Text:
    """The field at `path` (names joined by dots, numbers count into lists) of the element, else of the whole payload.

    `.` is the element itself, for payloads that are a bare value.
    """
    steps = [step for step in path.split(".") if step]

    def find(_levels: Levels, element: object, whole: object) -> object:
        found = _walk(element, steps)
        return _walk(whole, steps) if found is _MISSING and element is not whole else found

    return find


def _walk(at: object, steps: Sequence[str]) -> object:
    for step in steps:
        if isinstance(at, dict):
            at = at.get(step, _MISSING)
        elif isinstance(at, list) and step.isdecimal() and int(step) < len(at):
            at = at[int(step)]
        else:
            return _MISSING
    return at
