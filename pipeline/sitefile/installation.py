"""One installation as written -> `pipeline.site.Installation`: equipment, points, ids that may stand only once."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from pipeline.model import SYSTEM
from pipeline.site import Equipment, Installation, Point, Suppress
from pipeline.sitefile.alarm import Draft
from pipeline.sitefile.comparisons import POINT
from pipeline.sitefile.context import EVERYTHING, Context, first_place, optional_text, text_of
from pipeline.sitefile.explain import checked
from pipeline.sitefile.fault import Use, listing, nearest
from pipeline.sitefile.plant_alarms import ALARM, POINT_ALARM, Known, plant_alarms
from pipeline.sitefile.point import Place, finish_priorities, resolve_point
from pipeline.sitefile.preset import preset_names
from pipeline.sitefile.suppression import check_suppressions, read_suppressions
from pipeline.sitefile.template import RESERVED, alarm_names, apply_overrides, fresh, substituted, values_of
from pipeline.sitefile.tree import Mapping, Mark, Sequence
from pipeline.sitefile.written_alarms import OWN_NAMES
from pipeline.sitefile.written_plant import EquipmentWritten, InstallationWritten, TemplateWritten


class Template(NamedTuple):
    """A template that was read; `sound` is false when its variables are wrong, and it is then not used.

    `fixed`: its parts without variables (`template.without_variables`).
    """

    spec: TemplateWritten
    raw: Mapping
    sound: bool
    fixed: frozenset[int]


class _Use(NamedTuple):
    """One equipment with what its template makes of it."""

    equipment: Equipment
    mark: Mark
    points: list[Mapping]
    suppress: Sequence | None
    used: Use | None = None


def read_installation(raw: Mapping, templates: dict[str, Template], context: Context) -> Installation | None:
    """The installation, with whatever of it could be made out; None when not even its id could."""
    spec = checked(InstallationWritten, raw, raw.mark, context.faults)
    id_ = spec.id if spec is not None else raw.get("id")
    if not isinstance(id_, str):
        return None
    if id_ == SYSTEM:
        context.faults.add(raw.marks["id"], SYSTEM, "another id: SYSTEM carries hazardwatch's own troubles")
    uses = _equipment(raw, templates, context)
    equipments = {use.equipment.id: use.equipment for use in uses}
    points, drafts = _points(id_, raw, uses, equipments, context)
    known = Known(id_, points, drafts, equipments)
    alarms = plant_alarms(raw, known, context)
    rules = _suppressions(raw, uses, known, alarms, context)
    if spec is None:
        return None
    return Installation(
        id=id_,
        name=text_of(spec.name, id_),
        owner=spec.owner,
        major_hazard_grade=spec.major_hazard_grade,
        equipment=tuple(equipments.values()),
        points=tuple(points.values()),
        alarms=tuple(finish_priorities(alarms)),
        suppress=rules,
    )


def items(raw: Mapping, key: str) -> list[Mapping]:
    """The mappings of a list; what is none was told by the model of the part above."""
    found = raw.get(key)
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, Sequence) else []


def _equipment(raw: Mapping, templates: dict[str, Template], context: Context) -> list[_Use]:
    uses: list[_Use] = []
    seen: dict[str, Mark] = {}
    for one in items(raw, "equipment"):
        use = _use(one, templates, context)
        context.look_at(None)
        if use is None:
            context.broken.add(("an equipment", str(one.get("id", EVERYTHING))))
            _note_unknown_points(context)
            continue
        id_ = use.equipment.id
        mark = one.marks["id"]
        if id_ in seen:
            found = f"{id_} a second time ({first_place(seen[id_], mark)})"
            context.faults.add(mark, found, "each equipment once")
            continue
        seen[id_] = mark
        uses.append(use)
    return uses


def _use(raw: Mapping, templates: dict[str, Template], context: Context) -> _Use | None:
    name = raw.get("use")
    template = templates.get(name) if isinstance(name, str) else None
    if isinstance(name, str) and template is None:
        context.unknown(raw.marks["use"], name, "a template", templates)
    used = None if template is None else Use(str(raw.get("id")), raw.mark, str(name), template.raw.mark)
    if used is not None:
        context.uses(used)
    variables = list(template.spec.vars) if template else []
    spec = _spec(raw, variables, name is not None and (template is None or not template.sound), context)
    if spec is None:
        return None
    if template and spec.modes is not None:
        context.faults.add(raw.marks["modes"], "modes beside use", f"the modes of the template {name}")
    if spec.override and not template:
        context.faults.add(raw.marks["override"], "override without a template", "the key use")
    if spec.gateway is not None and spec.gateway not in context.gateways:
        context.unknown(raw.marks["gateway"], spec.gateway, "a gateway", sorted(context.gateways))
    modes = template.spec.modes if template else spec.modes or []
    equipment = Equipment(id=spec.id, name=optional_text(spec.name), modes=tuple(modes), gateway=spec.gateway)
    values = values_of(raw, variables, context.faults)
    if template is None or values is None or not template.sound:
        if name is not None:
            _note_unknown_points(context)
        return _Use(equipment, raw.mark, [], None)
    points = [fresh(substituted(one, one.mark, values, template.fixed)[0]) for one in items(template.raw, "points")]
    apply_overrides(raw, points, preset_names(context), context.faults)
    rules = template.raw.get("suppress")
    suppress = substituted(rules, raw.mark, values, template.fixed)[0] if isinstance(rules, Sequence) else None
    return _Use(equipment, raw.mark, points, suppress, used)


def _spec(raw: Mapping, variables: list[str], lenient: bool, context: Context) -> EquipmentWritten | None:
    """The equipment's own keys; `lenient` when its template is unknown, so that its variables are too."""
    own = Mapping(raw.mark)
    keys = sorted(RESERVED) + variables
    for key, value in raw.items():
        if key in RESERVED:
            own.put(key, value, raw.marks[key])
        elif key not in variables and not lenient:
            expected = f"one of {listing(keys, 40)}"
            context.faults.add(raw.marks[key].key, f"the unknown key {key}", expected, near=nearest(key, keys))
    return checked(EquipmentWritten, own, raw.mark, context.faults)


def _points(
    id_: str, raw: Mapping, uses: list[_Use], equipments: dict[str, Equipment], context: Context
) -> tuple[dict[str, Point], dict[str, list[Draft]]]:
    """Points in the order of the equipment, then the installation's own; and their alarms' drafts."""
    todo: list[tuple[Mapping, _Use | None]] = [(point, use) for use in uses for point in use.points]
    todo += [(point, None) for point in items(raw, "points")]
    points: dict[str, Point] = {}
    drafts: dict[str, list[Draft]] = {}
    places: dict[str, Mark] = {}
    for one, use in todo:
        equipment = use.equipment if use else None
        context.look_at(use.used if use else None)
        resolved = resolve_point(one, Place(id_, equipment, equipments), context)
        _note_broken(one, resolved, context)
        if resolved is None:
            continue
        point, alarms = resolved
        place = use.mark if use else one.marks["id"]  # a template's line would not tell which equipment
        if point.id in points:
            by = f" of {use.equipment.id}" if use else ""
            found = f"the point {point.id}{by} a second time ({first_place(places[point.id], place)})"
            context.faults.add(place, found, "each point once", rule=f"twice {point.id}")
            continue
        places[point.id] = place
        points[point.id] = msgspec.structs.replace(point, alarms=finish_priorities(alarms))
        drafts[point.id] = alarms
        _remember(alarms, context)
    context.look_at(None)
    return points, drafts


def _note_broken(raw: Mapping, resolved: tuple[Point, list[Draft]] | None, context: Context) -> None:
    """Remember the point, and those of its alarms, that stand in the file but could not be made out."""
    if "id" not in raw:
        _note_unknown_points(context)
    id_ = str(raw.get("id"))
    made = {one.name for one in resolved[1]} if resolved else set()
    if resolved is None:
        context.broken.add((POINT, id_))
    for name in alarm_names(raw, preset_names(context)):
        if name not in made and (resolved is None or name not in OWN_NAMES):
            context.broken |= {(POINT_ALARM, f"{id_}/{name}"), (ALARM, f"{id_}/{name}")}


def _note_unknown_points(context: Context) -> None:
    """The points of an equipment could not be made out, so nobody can tell which references are wrong."""
    context.broken |= {(POINT, EVERYTHING), (POINT_ALARM, EVERYTHING), (ALARM, EVERYTHING)}


def _remember(alarms: list[Draft], context: Context) -> None:
    for one in alarms:
        context.sources[one.values["id"]] = one.sources
        context.places[one.values["id"]] = one.raw.mark


def _suppressions(
    raw: Mapping, uses: list[_Use], known: Known, alarms: list[Draft], context: Context
) -> tuple[Suppress, ...]:
    rules = []
    targets = known.point_alarms() | {one.name: one for one in alarms}
    for use in uses:
        if use.suppress is not None:
            context.look_at(use.used)
            rules += read_suppressions(use.suppress, use.equipment, known, targets, context)
    context.look_at(None)
    own = raw.get("suppress")
    if isinstance(own, Sequence):
        rules += read_suppressions(own, None, known, targets, context)
    check_suppressions(rules, context)
    return tuple(rule.rule for rule in rules)
