"""An edited list and the site files -> the new texts of the files, or every fault of the list at once. Pure.

What would come of the new texts is read before anybody writes them: nothing but the changes, and what follows from
them, may differ.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from hazardwatch.alarm_list.cells import Value, same
from hazardwatch.alarm_list.columns import Path, column_of
from hazardwatch.alarm_list.homes import tables_of
from hazardwatch.alarm_list.planning import Placed, Plan, plan_of
from hazardwatch.alarm_list.read_list import Change, Reading, Sheet, cell_fault, in_unit, read_list
from hazardwatch.alarm_list.rows import Row, rows_of
from pipeline.sitefile import Loaded
from pipeline.sitefile.amend import amended
from pipeline.sitefile.amend_table import amended_table
from pipeline.sitefile.fault import Fault, shown
from pipeline.sitefile.tree import Mark, Place


class Follows(NamedTuple):
    """What changes with a change, though nobody edited it: what a class gives, a priority by rule."""

    alarm: str
    path: Path
    before: Value | None
    after: Value | None


class Outcome(NamedTuple):
    """`texts` are the new ones of the files that change, by name; none where there are faults."""

    reading: Reading
    placed: list[Placed]
    faults: list[Fault]
    follows: list[Follows]
    texts: Mapping[str, str]


Texts = Mapping[str, str]
"""Files by name, the main file first."""
Load = Callable[[Texts], Loaded]


def outcome_of(sheet: Sheet, texts: Texts, loaded: Loaded, load: Load, reason: str) -> Outcome:
    """What the list does to the files of a site, `loaded` without faults. `reason` stands beside each override."""
    rows = rows_of(loaded)
    reading = read_list(sheet, rows)
    plan = plan_of(reading.changes, loaded, reason)
    refused = [_refused(sheet, one.change, one.expected) for one in plan.refused]
    if not plan.patches:
        return Outcome(reading, plan.placed, [*reading.faults, *refused], [], {})
    new = _amended(texts, plan, loaded)
    then = load({**texts, **new})
    if then.faults:
        told = _told(sheet, then, plan, reading)
        faults = sorted({*reading.faults, *refused, *told}, key=lambda one: (one.line, one.column))
        return Outcome(reading, plan.placed, faults, [], {})
    now = {row.alarm: row for row in rows_of(then)}
    without = [_refused(sheet, one.change, _idle(one)) for one in plan.placed if not _is_in_effect(one.change, now)]
    faults = [*reading.faults, *refused, *without]
    follows = _follows(rows, now, plan)
    return Outcome(reading, plan.placed, faults, follows, {} if faults else new)


def _amended(texts: Texts, plan: Plan, loaded: Loaded) -> dict[str, str]:
    tables = frozenset() if loaded.tree is None else tables_of(loaded.tree)
    return {
        file: (amended_table if file in tables else amended)(texts[file], patches)
        for file, patches in plan.patches.items()
    }


def _refused(sheet: Sheet, change: Change, expected: str) -> Fault:
    found = "nothing" if change.after is None else shown(change.after)
    return cell_fault(sheet, change.line, change.column.title, found, expected, alarm=change.row.alarm)


def _idle(one: Placed) -> str:
    return f"another place: written to {one.path} it would change nothing; change it in the site file"


def _is_in_effect(change: Change, now: Mapping[str, Row]) -> bool:
    value = now[change.row.alarm].attributes.get(change.path) if change.row.alarm in now else None
    if change.after is None:
        return value is None or not same(value, change.before)
    if isinstance(value, float) and isinstance(change.after, str) and change.row.measured is not None:
        return same(value, in_unit(change.after, change.path[-1], change.row.measured))
    return same(value, change.after)


def _follows(rows: Sequence[Row], now: Mapping[str, Row], plan: Plan) -> list[Follows]:
    edited = {(one.change.row.alarm, one.change.path): one.change.after for one in plan.placed}
    found = []
    for row in rows:
        after = now[row.alarm].attributes
        for path in dict.fromkeys([*row.attributes, *after]):
            was, is_ = row.attributes.get(path), after.get(path)
            asked = edited.get((row.alarm, path))
            if asked is None and not same(was, is_):
                found.append(Follows(row.alarm, path, was, is_))
    return found


def _told(sheet: Sheet, then: Loaded, plan: Plan, reading: Reading) -> list[Fault]:
    """The faults of the site file as it would be, each at the cell that it comes from."""
    marks: dict[Place, list[tuple[str, str]]] = {}
    for entity, each in then.sources.items():
        for attribute, source in each.items():
            if isinstance(source, Mark) and entity in reading.lines:
                marks.setdefault(source.place, []).append((entity, attribute))
    edited = {_point(one.change.row.alarm) for one in plan.placed}
    return [_of_edit(sheet, fault, plan) or _of_row(sheet, fault, marks, edited, reading) for fault in then.faults]


def _point(alarm: str) -> str:
    return alarm.rpartition("/")[0]


def _of_edit(sheet: Sheet, fault: Fault, plan: Plan) -> Fault | None:
    """At the cell whose value stands there, or below there."""
    there = [one for one in plan.placed if one.mark.file == fault.file]
    exact = [one for one in there if fault.path == one.path or fault.path.startswith(f"{one.path}.")]
    near = exact or [one for one in there if one.path.startswith(f"{fault.path}.")]
    if not near:
        return None
    change = near[0].change
    title = change.column.title
    return cell_fault(sheet, change.line, title, fault.found, fault.expected, fault.nearest, change.row.alarm)


def _of_row(
    sheet: Sheet,
    fault: Fault,
    marks: Mapping[Place, list[tuple[str, str]]],
    edited: set[str],
    reading: Reading,
) -> Fault:
    """At the cell that shows what stands there, of a point with a change if one is; else at the list as a whole."""
    there = marks.get((fault.file, fault.line, fault.column), [])
    alarm, attribute = next((one for one in there if _point(one[0]) in edited), there[0] if there else ("", ""))
    if not alarm:
        path = f"{fault.file}: {fault.path}"
        return Fault(sheet.file, 0, 0, path, fault.found, fault.expected, fault.nearest)
    title = column_of(tuple(attribute.split("."))).title
    return cell_fault(sheet, reading.lines[alarm], title, fault.found, fault.expected, fault.nearest, alarm)
