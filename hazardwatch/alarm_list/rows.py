"""The alarm list of a site: one row an alarm, in the order of the site, with where each value comes from. Pure."""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple

from alerting.routing import Routes
from hazardwatch.alarm_list.attributes import Attributes, attributes_of, cells_of
from hazardwatch.alarm_list.cells import Cell
from hazardwatch.alarm_list.columns import ABOUT, ALARM, BEHIND, EDITED, PARAMETERS, Column
from pipeline.site import Alarm, Escalation, Point
from pipeline.sitefile import Loaded, expanded
from pipeline.sitefile.measures import Measured
from pipeline.sitefile.point_alarms import span_of
from pipeline.sitefile.scalars import duration_text, number_text


class Row(NamedTuple):
    """One alarm. `cells` and `sources` are by the title of the column; `sources` has those that come from somewhere.

    `measured`: what the numbers are of; None for an alarm over several points.
    """

    alarm: str
    measured: Measured | None
    attributes: Attributes
    cells: dict[str, Cell]
    sources: dict[str, str]


def rows_of(loaded: Loaded) -> list[Row]:
    """The list; empty where the site has faults."""
    site = loaded.site
    if site is None:
        return []
    shown = {one["alarm"]: one for one in expanded(loaded)["alarms"]}
    rows = []
    for installation in site.installations:
        routes = Routes(site, installation.id)
        of_points = [(alarm, point) for point in installation.points for alarm in point.alarms]
        for alarm, point in [*of_points, *((alarm, None) for alarm in installation.alarms)]:
            rows.append(_row(alarm, point, shown[alarm.id], routes))
    return rows


def _row(alarm: Alarm, point: Point | None, shown: dict[str, Any], routes: Routes) -> Row:
    attributes = attributes_of(shown)
    language = routes.site.language
    cells = _about(alarm, point, language) | cells_of(attributes, language)
    cells |= dict(zip((one.title for one in BEHIND), (_notified(alarm, routes), fingerprint(attributes)), strict=True))
    origin = shown["origin"]
    sources = {one.title: _source(one, attributes, origin) for one in EDITED if cells[one.title] is not None}
    return Row(alarm.id, _measured(point), attributes, cells, sources)


def _measured(point: Point | None) -> Measured | None:
    return None if point is None else Measured(point.quantity, point.unit, point.gas, span_of(point))


def _about(alarm: Alarm, point: Point | None, language: str) -> dict[str, Cell]:
    told: dict[str, Cell] = dict.fromkeys((one.title for one in ABOUT), None)
    told |= {ALARM.title: alarm.id, "type": alarm.kind}
    if point is not None:
        same = point.name.en == point.name.zh
        told["point en"] = None if same and language != "en" else point.name.en
        told["point zh-CN"] = None if same and language == "en" else point.name.zh
        told["equipment"] = point.equipment
        told["unit"] = point.unit or None
        if point.low is not None and point.high is not None:
            told["range"] = f"{number_text(point.low)} .. {number_text(point.high)}"
    return told


def _source(column: Column, attributes: Attributes, origin: dict[str, str]) -> str:
    """Where the values of a column come from; of several attributes each with its name, unless all say the same."""
    if column is PARAMETERS:
        known = {one.path[0] for one in EDITED if one.path}
        names = [path[0] for path in attributes if path[0] not in known]
        told = {name: origin[name] for name in names if name in origin}
        if len(set(told.values())) == 1:
            return next(iter(told.values()))
        return "; ".join(f"{name}: {words}" for name, words in told.items())
    return origin.get(".".join(column.path)) or origin.get(column.path[0], "")


def _notified(alarm: Alarm, routes: Routes) -> str:
    told = [f"always: {', '.join(routes.always)}"] if routes.always else []
    escalation = routes.escalation_of(alarm)
    return "; ".join([*told, *(_steps(escalation) if escalation is not None else [])])


def _steps(escalation: Escalation) -> list[str]:
    told = [f"{duration_text(step.after_ms)} {step.to}: {', '.join(step.by)}" for step in escalation.steps]
    if escalation.repeat_ms is not None:
        told.append(f"again every {duration_text(escalation.repeat_ms)}")
    return told


def fingerprint(attributes: Attributes) -> str:
    """Changes with any attribute. Begins with a letter, so that no spreadsheet takes it for a number or a date."""
    told = repr(sorted(attributes.items()))
    return "v" + hashlib.blake2b(told.encode(), digest_size=5).hexdigest()
