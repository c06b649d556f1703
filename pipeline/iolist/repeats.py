"""Equipment that repeats: points whose tags differ in the equipment's number only -> templates. Changes no value."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

from pipeline.iolist.leaves import Path, is_fixed, leaves, put_back
from pipeline.iolist.quantity import GAS, letters_of
from pipeline.sitefile.template import RESERVED

LEAST = 3
"""So many equipments of one structure make a template."""
_WORTH = 0.6
"""At most this share of an equipment's values may differ from the others'."""
Body = dict[str, Any]


class Plant(NamedTuple):
    """What the points become: templates by name, equipment in order, and the points that are written out."""

    templates: dict[str, Body]
    equipment: list[Body]
    points: list[Body]


class _Group(NamedTuple):
    """The points of one equipment: `bodies` by their id with the number as ${n}."""

    equipment: str
    number: str
    gateway: str | None
    bodies: dict[str, Body]


def written_out(points: list[Body]) -> Plant:
    """Every point on its own, and the equipment they name."""
    equipment = dict.fromkeys(one["equipment"] for one in points if "equipment" in one)
    return Plant({}, [{"id": one} for one in equipment], points)


def with_templates(points: list[Body], prefix: str) -> Plant:
    """The same plant with a template wherever three equipments or more repeat. Template names begin with `prefix`."""
    by_structure: dict[Any, list[_Group]] = {}
    for group in _repeating(_groups(points)):
        by_structure.setdefault(_structure(group), []).append(group)
    templates: dict[str, Body] = {}
    used: dict[str, Body] = {}
    taken: set[int] = set()
    for groups in by_structure.values():
        made = _template(groups) if len(groups) >= LEAST else None
        if made is None:
            continue
        name = _free(f"{prefix}-{_letters(groups[0])}", templates)
        templates[name], values = made
        for group, own in zip(groups, values, strict=True):
            gateway = {} if group.gateway is None else {"gateway": group.gateway}
            used[group.equipment] = {"id": group.equipment, "use": name} | gateway | own
            taken |= {id(body) for body in group.bodies.values()}
    rest = [one for one in points if id(one) not in taken]
    others = {one["equipment"] for one in rest if "equipment" in one}
    named = dict.fromkeys([*(one["equipment"] for one in points if "equipment" in one), *used])
    equipment = [used.get(one, {"id": one}) for one in named if one in used or one in others]
    return Plant(templates, equipment, rest)


def _repeating(groups: list[_Group]) -> list[_Group]:
    """The groups with those of their points only that enough groups have; a point that only one has is written out."""
    many = Counter(one for group in groups for one in _structure(group))
    kept = [
        group._replace(
            bodies={
                pattern: body for pattern, body in group.bodies.items() if many[_kind(group, pattern, body)] >= LEAST
            }
        )
        for group in groups
    ]
    return [group for group in kept if group.bodies]


def _groups(points: list[Body]) -> list[_Group]:
    """By the equipment that the list names, else by the number in the tag (gas detectors for themselves)."""
    together: dict[tuple[str, str], list[Body]] = {}
    for body in points:
        named = body.get("equipment")
        numbers = re.findall(r"[0-9]+", named or _number(body["id"]))
        if numbers and not any("${" in str(one) for one in leaves(body).values()):
            kind = "equipment" if named else "gas" if body["quantity"] == GAS else "number"
            together.setdefault((kind, named or numbers[-1]), []).append(body)
    taken = {one["equipment"] for one in points if "equipment" in one}
    groups = []
    for (kind, key), bodies in together.items():
        number = re.findall(r"[0-9]+", key)[-1]
        patterns = {pattern: body for body in bodies if "${n}" in (pattern := _with_number(body["id"], number))}
        if patterns:
            id_ = key if kind == "equipment" else _free(_name_of(patterns, number), taken)
            taken.add(id_)
            gateways = {body.get("gateway") for body in patterns.values()}
            groups.append(_Group(id_, number, gateways.pop() if len(gateways) == 1 else None, patterns))
    return groups


def _number(tag: str) -> str:
    """The digits that the tag's instrument is numbered with: those behind its letters."""
    letters = letters_of(tag)
    behind = tag if letters is None else tag.upper().rpartition(letters.text)[2]
    found = re.findall(r"[0-9]+", behind) or re.findall(r"[0-9]+", tag)
    return found[0] if found else ""


def _name_of(patterns: dict[str, Body], number: str) -> str:
    """An equipment that has no column: as its points' descriptions call it, else its number (or the only tag)."""
    if len(patterns) == 1:
        return str(next(iter(patterns.values()))["id"])
    token = re.compile(rf"(?<![A-Za-z0-9])[A-Z]{{1,3}}-?{number}(?![A-Za-z0-9])")
    called = {
        one for body in patterns.values() for text in body.get("name", {}).values() for one in token.findall(text)
    }
    named = [one for one in called if letters_of(one) is None]
    return named[0] if len(named) == 1 else number


def _with_number(text: str, number: str) -> str:
    """The number as ${n}: where it stands alone, else wherever it stands (the loop 1011 of equipment 101)."""
    alone = re.sub(rf"(?<![0-9]){number}(?![0-9])", "${n}", text)
    return alone if alone != text else text.replace(number, "${n}", 1)


def _structure(group: _Group) -> Any:
    """What two groups of one template share."""
    return frozenset(_kind(group, pattern, body) for pattern, body in group.bodies.items())


def _kind(group: _Group, pattern: str, body: Body) -> Any:
    """The point's id, its keys in order, and the values that make it what it is."""
    return pattern, tuple(
        (path, str(value) if is_fixed(path) else None) for path, value in leaves(_bare(group, body)).items()
    )


def _bare(group: _Group, body: Body) -> Body:
    """Without what the equipment says for all its points."""
    without = {"equipment"} | ({"gateway"} if group.gateway is not None else set())
    return {key: value for key, value in body.items() if key not in without}


def _template(groups: list[_Group]) -> tuple[Body, list[Body]] | None:
    """The template, and what each equipment gives for its variables; None where too much differs."""
    variables: dict[tuple[Any, ...], str] = {}
    points, count = [], 0
    for pattern in groups[0].bodies:
        bodies = [_bare(group, group.bodies[pattern]) for group in groups]
        flat = [leaves(body) for body in bodies]
        values: dict[Path, Any] = {}
        for path in flat[0]:
            count += 1
            values[path] = _value(path, [one[path] for one in flat], groups, pattern, variables)
        points.append(put_back(bodies[0], values))
    if len(variables) > _WORTH * count:
        return None
    own = [
        {"n": int(group.number) if str(int(group.number)) == group.number else group.number}
        | {name: values[index + 1] for values, name in variables.items()}
        for index, group in enumerate(groups)
    ]
    return {"vars": ["n", *variables.values()], "points": points}, own


def _value(
    path: Path, values: list[Any], groups: list[_Group], pattern: str, variables: dict[tuple[Any, ...], str]
) -> Any:
    """What the template says in this place: the value all have, a text with ${n}, or a variable."""
    if path == ("id",):
        return pattern
    if all(one == values[0] for one in values):
        return values[0]
    if all(isinstance(one, str) for one in values):
        texts = {_with_number(one, group.number) for one, group in zip(values, groups, strict=True)}
        if len(texts) == 1 and "${n}" not in texts:
            return texts.pop()
    key = (path[0] if path[0] in {"range", "name"} else (pattern, path), *values)
    if key not in variables:
        many = len(groups[0].bodies) > 1
        variables[key] = _free(_variable(path, pattern if many else ""), {*variables.values(), *RESERVED, "n"})
    return f"${{{variables[key]}}}"


def _variable(path: Path, pattern: str) -> str:
    """HH of a setpoint, low and high of a range, en and zh of a name; LT-HH where the template has several points."""
    words = [str(one).replace("zh-CN", "zh") for one in path if one not in {"alarms", "setpoint", "name"}]
    if path[0] == "range":
        words = ["low" if path[1] == 0 else "high"]
    of = [one for one in re.split(r"[^A-Za-z0-9]+", pattern.replace("${n}", "")) if one]
    return "-".join([*of, *words])[:48]


def _letters(group: _Group) -> str:
    """T of T-101; else the instruments it has."""
    of_equipment = re.match(r"[A-Za-z]+", group.equipment)
    if of_equipment and len(group.bodies) > 1:
        return of_equipment[0]
    of = [letters_of(one) for one in group.bodies]
    return "-".join(dict.fromkeys(one.text for one in of if one is not None))[:24] or "unit"


def _free(name: str, taken: Iterable[str]) -> str:
    """The name, or the name with a number behind it."""
    names = set(taken)
    return next(one for one in (name, *(f"{name}-{number}" for number in range(2, len(names) + 3))) if one not in names)
