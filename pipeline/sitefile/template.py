"""Templates: equipment that uses one, with its variables and overrides, becomes points as if they were written out.

It works on the tree, before any model sees it. Text from the template keeps the template's place in the
file; a value that is exactly one variable takes the place where the equipment gives it.
"""

from __future__ import annotations

import re
from typing import Any

from pipeline.sitefile.explain import allowed_keys
from pipeline.sitefile.fault import Faults, listing, nearest, shown
from pipeline.sitefile.scalars import number_text
from pipeline.sitefile.tree import Mapping, Mark, Sequence
from pipeline.sitefile.written_alarms import LEVEL_NAMES, OWN_NAMES
from pipeline.sitefile.written_plant import EquipmentWritten

_VARIABLE = re.compile(r"\$\{([^{}]*)\}")
RESERVED = frozenset(allowed_keys(EquipmentWritten, ()))
Values = dict[str, tuple[Any, Mark]]


def check_variables(template: Mapping, variables: list[str], faults: Faults) -> None:
    """Every ${x} of the template is one of its vars, and no var hides a key of equipment."""
    declared = template.get("vars")
    for index, name in enumerate(variables):
        if name in RESERVED and isinstance(declared, Sequence):
            faults.add(declared.marks[index], shown(name), f"a name other than {listing(sorted(RESERVED))}")
    for key in ("points", "suppress"):
        if key in template:
            _check_texts(template[key], template.marks[key], frozenset(variables), faults)


def _check_texts(node: Any, mark: Mark, variables: frozenset[str], faults: Faults) -> None:
    if isinstance(node, Mapping):
        for key, value in node.items():
            _check_texts(value, node.marks[key], variables, faults)
    elif isinstance(node, Sequence):
        for index, value in enumerate(node):
            _check_texts(value, node.marks[index], variables, faults)
    elif isinstance(node, str) and "${" in node:
        if "${" in _VARIABLE.sub("", node):
            faults.add(mark, shown(node), "${name} with its closing brace")
        for name in _VARIABLE.findall(node):
            if name not in variables:
                expected = f"a variable of the template: {listing(sorted(variables))}"
                faults.add(mark, f"${{{name}}}", expected, near=nearest(name, variables))


def _misspelt(name: str, equipment: Mapping, variables: list[str]) -> bool:
    known = [*sorted(RESERVED), *variables]
    return any(nearest(key, known) == name for key in equipment if key not in known)


def values_of(equipment: Mapping, variables: list[str], faults: Faults) -> Values | None:
    """What the equipment gives for each variable; None when one is missing or of no use in a text."""
    values: Values = {}
    complete = True
    for name in variables:
        if name not in equipment and _misspelt(name, equipment, variables):
            complete = False  # told as an unknown key
        elif name not in equipment:
            faults.missing(equipment, name, f"the template's variable {name}")
            complete = False
        elif isinstance(equipment[name], Mapping | Sequence):
            faults.add(equipment.marks[name], shown(equipment[name]), "a number or a text")
            complete = False
        elif equipment[name] is None:
            complete = False  # told when the text was read
        else:
            values[name] = (equipment[name], equipment.marks[name])
    return values if complete else None


def without_variables(template: Mapping) -> frozenset[int]:
    """The id() of every mapping and list of the template that is the same for every equipment."""
    fixed: set[int] = set()
    _is_fixed(template, fixed)
    return frozenset(fixed)


def _is_fixed(node: Any, fixed: set[int]) -> bool:
    if isinstance(node, str):
        return "${" not in node
    if not isinstance(node, Mapping | Sequence):
        return True
    below = [_is_fixed(one, fixed) for one in (node.values() if isinstance(node, Mapping) else node)]
    if all(below):
        fixed.add(id(node))
    return all(below)


def fresh(node: Mapping) -> Mapping:
    """A point of an equipment's own, which overrides may change."""
    copy = Mapping(node.mark)
    for key, value in node.items():
        copy.put(key, value, node.marks[key])
    return copy


def substituted(node: Any, mark: Mark, values: Values, fixed: frozenset[int]) -> tuple[Any, Mark]:
    """The node with every ${x} replaced, and its place; unknown variables stay (they are told elsewhere).

    Parts that are `fixed` are shared by all equipment: nothing may change them.
    """
    if isinstance(node, str):
        return _text(node, mark, values) if "${" in node else (node, mark)
    if id(node) in fixed:
        return node, mark
    if isinstance(node, Mapping):
        mapping = Mapping(node.mark)
        for key, value in node.items():
            mapping.put(key, *substituted(value, node.marks[key], values, fixed))
        return mapping, mark
    if isinstance(node, Sequence):
        sequence = Sequence(node.mark)
        for value, place in zip(node, node.marks, strict=True):
            sequence.put(*substituted(value, place, values, fixed))
        return sequence, mark
    return node, mark


def _text(text: str, mark: Mark, values: Values) -> tuple[Any, Mark]:
    whole = _VARIABLE.fullmatch(text)
    if whole and whole.group(1) in values:
        value, place = values[whole.group(1)]
        return value, Mark(place.line, place.column, place.file, place.note, mark)

    def written(match: re.Match[str]) -> str:
        name = match.group(1)
        return _as_text(values[name][0]) if name in values else match.group(0)

    return _VARIABLE.sub(written, text), mark


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return number_text(value) if isinstance(value, float) else str(value)


def apply_overrides(
    equipment: Mapping, points: list[Mapping], preset_names: dict[str, tuple[str, ...]], faults: Faults
) -> None:
    """Put the attributes of `override` into the points' alarms. `preset_names`: alarm names each preset brings."""
    overrides = equipment.get("override")
    if not isinstance(overrides, Mapping):
        return
    by_id = {str(point.get("id")): point for point in points}
    for target, changes in overrides.items():
        if isinstance(changes, Mapping):
            _override(str(target), changes, by_id, preset_names, faults)


def _override(
    target: str, changes: Mapping, by_id: dict[str, Mapping], preset_names: dict[str, tuple[str, ...]], faults: Faults
) -> None:
    point_id, _, name = target.partition("/")
    point = by_id.get(point_id)
    known = [] if point is None else alarm_names(point, preset_names)
    if point is None or name not in known:
        valid = [f"{id_}/{one}" for id_, each in by_id.items() for one in alarm_names(each, preset_names)]
        expected = f"an alarm of its template: {listing(valid)}"
        faults.add(changes.mark, shown(target), expected, near=nearest(target, valid))
        return
    why = changes.get("why")
    if "why" not in changes:
        faults.add(changes.mark, "nothing", "the key why: the reason it differs here", key="why")
    elif why is not None and not (isinstance(why, str) and why.strip()):
        faults.add(changes.marks["why"], shown(why), "a text: the reason it differs here")
    written = point.get("alarms")
    alarms = fresh(written) if isinstance(written, Mapping) else Mapping(point.mark)
    point.put("alarms", alarms, point.marks.get("alarms", changes.mark))
    alarms.put(name, _merged(alarms.get(name), changes, str(why)), alarms.marks.get(name, changes.mark))


def alarm_names(point: Mapping, preset_names: dict[str, tuple[str, ...]]) -> list[str]:
    """Names of all alarms a raw point will have: its own, its preset's, and those of every point."""
    alarms = point.get("alarms")
    own = [str(name) for name in alarms] if isinstance(alarms, Mapping) else []
    preset = point.get("preset")
    return [*own, *_names_of_preset(preset, preset_names), *OWN_NAMES]


def _names_of_preset(preset: Any, preset_names: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Of an unknown preset all that one may bring, so that references to its alarms are no further faults."""
    return () if preset is None else preset_names.get(str(preset), tuple(LEVEL_NAMES))


def _merged(alarm: Any, changes: Mapping, why: str) -> Mapping:
    result = Mapping(alarm.mark if isinstance(alarm, Mapping) else changes.mark)
    if isinstance(alarm, Mapping):
        for key, value in alarm.items():
            result.put(key, value, alarm.marks[key])
    for key, value in changes.items():
        if key != "why":
            mark = changes.marks[key]
            result.put(key, value, mark._replace(note=f"override: {why}"))
    return result
