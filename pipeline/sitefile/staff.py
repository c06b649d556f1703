"""Positions and people as written -> `pipeline.site`; who reports to whom. Escalations are in routes.py."""

from __future__ import annotations

from typing import NamedTuple

from pipeline.site import Person, Position
from pipeline.sitefile.context import EVERYTHING, Context, first_place
from pipeline.sitefile.explain import checked
from pipeline.sitefile.fault import shown
from pipeline.sitefile.tree import Mapping, Mark
from pipeline.sitefile.written_site import PersonWritten, PositionWritten


class Staff(NamedTuple):
    """By id, with where each stands in the file."""

    positions: dict[str, Position]
    people: dict[str, Person]
    marks: dict[str, Mark]


def read_staff(positions: list[Mapping], people: list[Mapping], language: str, context: Context) -> Staff:
    """All positions and people; references between them are checked."""
    staff = Staff({}, {}, {})
    for raw in people:
        _person(raw, staff, language, context)
    raw_positions: dict[str, Mapping] = {}
    for raw in positions:
        spec = checked(PositionWritten, raw, raw.mark, context.faults)
        if spec is None:
            context.broken.add(("a position", str(raw.get("id", EVERYTHING))))
        if spec is not None and _new_id(spec.id, raw, staff, context):
            staff.positions[spec.id] = Position(
                id=spec.id, level=spec.level, reports_to=spec.reports_to, people=tuple(spec.people)
            )
            raw_positions[spec.id] = raw
            context.places[f"positions/{spec.id}"] = raw.marks["id"]
    for id_, raw in raw_positions.items():
        _references(staff.positions[id_], raw, staff, context)
    _circles(raw_positions, staff, context)
    return staff


def _person(raw: Mapping, staff: Staff, language: str, context: Context) -> None:
    spec = checked(PersonWritten, raw, raw.mark, context.faults)
    if spec is None:
        context.broken.add(("a person", str(raw.get("id", EVERYTHING))))
    if spec is None or not _new_id(spec.id, raw, staff, context):
        return
    staff.people[spec.id] = Person(
        id=spec.id,
        name=spec.name or spec.id,
        phone=spec.phone,
        email=spec.email,
        language=spec.language or ("zh-CN" if language == "zh-CN" else "en"),
    )


def _new_id(id_: str, raw: Mapping, staff: Staff, context: Context) -> bool:
    mark = raw.marks["id"]
    if id_ == "owner":
        context.faults.add(mark, shown(id_), "another id: owner means the installation's")
        return False
    if id_ in staff.marks:
        found = f"the id {id_} a second time ({first_place(staff.marks[id_], mark)})"
        context.faults.add(mark, found, "each position and each person once")
        return False
    staff.marks[id_] = mark
    return True


def _references(position: Position, raw: Mapping, staff: Staff, context: Context) -> None:
    if position.reports_to is not None and position.reports_to not in staff.positions:
        context.unknown(raw.marks["reports_to"], position.reports_to, "a position", staff.positions)
    for index, person in enumerate(position.people):
        if person not in staff.people:
            context.unknown(raw["people"].marks[index], person, "a person", staff.people)


def _circles(raws: dict[str, Mapping], staff: Staff, context: Context) -> None:
    told: set[str] = set()
    for id_, raw in raws.items():
        chain = reporting_line(id_, staff)
        if chain[-1] == id_ and len(chain) > 1 and not told & set(chain):
            told.update(chain)
            found = f"a circle: {' > '.join(chain)}"
            context.faults.add(raw.marks["reports_to"], found, "a line of reporting that ends")


def reporting_line(id_: str, staff: Staff) -> list[str]:
    """The position, whom it reports to, and so on; ends at the top, or with the first one met again."""
    chain = [id_]
    while True:
        position = staff.positions.get(chain[-1])
        above = position.reports_to if position is not None else None
        if above is None or above not in staff.positions:
            return chain
        chain.append(above)
        if above in chain[:-1]:
            return chain
