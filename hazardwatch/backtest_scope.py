"""Which points and alarms of an installation a change of its configuration can reach. Pure.

Points are linked by alarms over several points, by suppression and by gateways; a change reaches all that is linked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from pipeline.site import Installation


def node_of(alarm: str) -> str:
    """The point of an alarm id, or the id itself of an alarm over several points."""
    parts = alarm.split("/")
    return parts[1] if len(parts) > 2 else alarm


def affected(old: Installation | None, new: Installation | None) -> set[str] | None:
    """Nodes (point ids, ids of alarms over several points) that may differ; None: everything."""
    if old is None or new is None or old.equipment != new.equipment:
        return None
    if any(_order(old, new, name) != _order(new, old, name) for name in ("points", "alarms", "suppress")):
        return None  # it decides between what happens at one time
    groups = [*_groups(old), *_groups(new)]
    reached = _changed(old, new)
    grown = True
    while grown:
        grown = False
        for group in groups:
            if group & reached and not group <= reached:
                reached |= group
                grown = True
    return reached


def _order(here: Installation, other: Installation, name: str) -> list[str]:
    """Ids of what both have, in the order of `here`."""
    known = {one.id for one in getattr(other, name)}
    return [one.id for one in getattr(here, name) if one.id in known]


def _changed(old: Installation, new: Installation) -> set[str]:
    changed: set[str] = set()
    for name in ("points", "alarms", "suppress"):
        was = {one.id: one for one in getattr(old, name)}
        now = {one.id: one for one in getattr(new, name)}
        for id_ in was.keys() | now.keys():
            if was.get(id_) != now.get(id_):
                changed.add(id_)
                if name == "suppress":
                    changed |= {node_of(alarm) for one in (was.get(id_), now.get(id_)) if one for alarm in one.alarms}
    return changed


def _groups(here: Installation) -> Iterator[set[str]]:
    """What decides together: each alarm over several points or rule with all points it names, each gateway's points."""
    points = {point.id for point in here.points}
    joint = {alarm.id for alarm in here.alarms}
    known = points | joint
    joined = [(alarm.id, msgspec.to_builtins(alarm)) for alarm in here.alarms]
    joined += [(rule.id, msgspec.to_builtins(rule)) for rule in here.suppress]
    for id_, said in joined:
        yield {id_, *({node_of(text) for text in _texts(said)} & known)}
    gateways: dict[str, set[str]] = {}
    for point in here.points:
        if point.gateway is not None:
            gateways.setdefault(point.gateway, set()).add(point.id)
    yield from gateways.values()


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(key)
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)


def narrowed(here: Installation, nodes: Iterable[str]) -> Installation:
    """The installation with these nodes alone."""
    kept = set(nodes)
    return msgspec.structs.replace(
        here,
        points=tuple(point for point in here.points if point.id in kept),
        alarms=tuple(alarm for alarm in here.alarms if alarm.id in kept),
        suppress=tuple(rule for rule in here.suppress if rule.id in kept),
    )
