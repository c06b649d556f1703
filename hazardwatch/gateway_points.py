"""The gateways of a site file as points of the installations they serve, each with its alarm GATEWAY-LOST. Pure.

How the alarm is judged is in rules.gateway. A replay of files does not call this: files do not say how readings came.
"""

from __future__ import annotations

import msgspec

from pipeline.errors import ConfigError
from pipeline.site import PRIORITIES, Alarm, Gateway, Installation, Point, Priority, Site, Suppress, Text

LOST = "GATEWAY-LOST"
_BENEATH = frozenset({"stale", "late", "clock"})
_SAFETY = "safety"


def with_gateways(site: Site) -> Site:
    """The site with a point for each gateway in each installation that it brings readings of.

    STALE, LATE and CLOCK of its points are suppressed by design while it is lost. Raises ConfigError for a gateway with
    the id of a point.
    """
    installations = tuple(_with_gateways(one, site.gateways) for one in site.installations)
    return msgspec.structs.replace(site, installations=installations)


def _with_gateways(here: Installation, gateways: tuple[Gateway, ...]) -> Installation:
    points, rules = list(here.points), list(here.suppress)
    for gateway in gateways:
        fed = [point for point in here.points if point.enabled and point.gateway == gateway.id]
        if not fed:
            continue
        if any(point.id == gateway.id for point in here.points):
            raise ConfigError(f"{here.id}: the gateway {gateway.id} has the id of a point; give it another")
        points.append(_point(here.id, gateway, fed))
        beneath = tuple(alarm.id for point in fed for alarm in point.alarms if _goes_beneath(alarm))
        rules.append(Suppress(id=gateway.id, alarms=beneath, cause=f"{here.id}/{gateway.id}/{LOST}"))
    return msgspec.structs.replace(here, points=tuple(points), suppress=tuple(rules))


def _goes_beneath(alarm: Alarm) -> bool:
    return alarm.kind in _BENEATH and alarm.alarm_class != _SAFETY


def _point(installation: str, gateway: Gateway, fed: list[Point]) -> Point:
    return Point(
        id=gateway.id,
        name=Text(en=f"Gateway {gateway.id}", zh=f"网关 {gateway.id}"),
        quantity="state",
        unit="",
        states={0.0: "cut off", 1.0: "connected"},
        gateway=gateway.id,
        alarms=(_lost(installation, gateway, fed), *_about(f"{installation}/{gateway.id}", gateway.id)),
    )


def _lost(installation: str, gateway: Gateway, fed: list[Point]) -> Alarm:
    """Priority of the worst alarm of its points; its texts say how many points there are, and which are safety's."""
    safety = [point.id for point in fed if any(alarm.alarm_class == _SAFETY for alarm in point.alarms)]
    of_safety = f"; safety: {', '.join(safety)}" if safety else ""
    of_safety_zh = f"；安全测点：{'、'.join(safety)}" if safety else ""
    return Alarm(
        id=f"{installation}/{gateway.id}/{LOST}",
        name=LOST,
        point=gateway.id,
        kind="gateway",
        alarm_class="instrument",
        priority=_worst(fed),
        gateway=gateway,
        cause=Text(en="Gateway, its power or its network", zh="网关、供电或网络故障"),
        consequence=Text(en=f"{len(fed)} points send nothing{of_safety}", zh=f"{len(fed)} 个测点无数据{of_safety_zh}"),
        action=Text(
            en=f"Watch {len(fed)} points on site, mend the gateway{of_safety}",
            zh=f"现场监视 {len(fed)} 个测点，检修网关{of_safety_zh}",
        ),
    )


def _worst(points: list[Point]) -> Priority:
    priorities = [alarm.priority for point in points for alarm in point.alarms]
    return min(priorities, key=PRIORITIES.index, default="high")


def _about(prefix: str, point: str) -> tuple[Alarm, ...]:
    """STALE (never, it has none of its own), BAD, LATE, CLOCK, as every point has them."""
    return tuple(
        Alarm(
            id=f"{prefix}/{kind.upper()}",
            name=kind.upper(),
            point=point,
            kind=kind,
            alarm_class="instrument",
            priority="low",
        )
        for kind in ("stale", "bad", "late", "clock")
    )
