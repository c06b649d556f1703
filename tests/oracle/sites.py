"""Small sites to judge streams over, built from the dataclasses (no YAML): one with everything, and a builder.

It holds no rules.
"""

from __future__ import annotations

from typing import Any

from pipeline.site import Alarm, Installation, Person, Point, Rate, Site, Text

INSTALLATION = "TF1"


def alarm(point: str, name: str, kind: str, **attributes: Any) -> Alarm:
    """An alarm of a point, priority high and class process unless said otherwise."""
    process: dict[str, Any] = {"alarm_class": "process", "priority": "high"}
    return Alarm(id=f"{INSTALLATION}/{point}/{name}", name=name, point=point, kind=kind, **(process | attributes))


def instruments(point: str) -> tuple[Alarm, ...]:
    """STALE, BAD, LATE and CLOCK, which every enabled point has."""
    return tuple(
        alarm(point, kind.upper(), kind, alarm_class="instrument", priority="low" if kind == "clock" else "high")
        for kind in ("stale", "bad", "late", "clock")
    )


def point(id_: str, alarms: tuple[Alarm, ...] = (), **attributes: Any) -> Point:
    """A level of 0 to 15 m with stale_after 10 s, unless said otherwise; instrument alarms are added."""
    level: dict[str, Any] = {"quantity": "level", "unit": "m", "low": 0.0, "high": 15.0, "stale_after_ms": 10_000}
    return Point(id=id_, name=Text(en=id_, zh=id_), alarms=alarms + instruments(id_), **(level | attributes))


def site(*points: Point, **parts: Any) -> Site:
    """One installation with these points, and two people."""
    installation = Installation(id=INSTALLATION, name=Text(en="Tank farm", zh="罐区"), points=points, **parts)
    people = (
        Person(id="li.wei", name="李伟", language="zh-CN"),
        Person(id="wang.fang", name="王芳", language="zh-CN"),
    )
    return Site(id="oracle", name=Text(en="Oracle", zh="谕"), installations=(installation,), people=people)


def _level() -> Point:
    safety: dict[str, Any] = {"alarm_class": "safety", "priority": "critical", "latching": True, "on_bad": "trip"}
    return point(
        "LT-1",
        (
            alarm("LT-1", "HH", "high", setpoint=13.2, deadband=0.1, realarm_ms=60_000, **safety),
            alarm("LT-1", "H", "high", setpoint=12.5, deadband=0.2, on_delay_ms=5_000, off_delay_ms=5_000),
            alarm("LT-1", "L", "low", setpoint=1.5, deadband=0.15, on_delay_ms=5_000, realarm_ms=30_000),
            alarm("LT-1", "LL", "low", setpoint=0.8, deadband=0.1, off_delay_ms=3_000),
        ),
        late_after_ms=60_000,
    )


def _gas() -> Point:
    return point(
        "GT-1",
        (
            alarm("GT-1", "HH", "high", setpoint=50.0, latching=True, on_delay_ms=2_000, on_bad="trip"),
            alarm("GT-1", "H", "high", setpoint=25.0, latching=True),
        ),
        quantity="gas_concentration",
        unit="%LEL",
        high=100.0,
        stale_after_ms=5_000,
        over_range="judge",
    )


def _temperature() -> Point:
    return point(
        "TT-1",
        (
            alarm("TT-1", "H", "high", setpoint=38.0, deadband=1.0, on_delay_ms=10_000),
            alarm("TT-1", "fast", "rate", rate=Rate(rising=3.0, falling=None, per_ms=60_000, window_ms=20_000)),
            alarm(
                "TT-1",
                "swings",
                "rate",
                rate=Rate(rising=6.0, falling=5.0, per_ms=60_000, window_ms=8_000),
                on_delay_ms=4_000,
                off_delay_ms=2_000,
                on_bad="trip",
            ),
        ),
        quantity="temperature",
        unit="°C",
        low=-20.0,
        high=120.0,
        stale_after_ms=30_000,
    )


def _switch() -> Point:
    return point(
        "ZS-1",
        (
            alarm("ZS-1", "tripped", "digital", when=0.0, latching=True, on_bad="trip", ack_required=False),
            alarm("ZS-1", "open", "digital", when=1.0, on_delay_ms=3_000, off_delay_ms=3_000, ack_required=False),
        ),
        quantity="state",
        unit="",
        low=None,
        high=None,
        states={0.0: "tripped", 1.0: "healthy"},
        stale_after_ms=12_000,
        late_after_ms=90_000,
    )


def _flow() -> Point:
    return point(
        "FT-1",
        (
            alarm("FT-1", "LL", "low", setpoint=10.0, deadband=4.0, on_delay_ms=7_000, off_delay_ms=4_000),
            alarm("FT-1", "HH", "high", setpoint=390.0, deadband=8.0, on_delay_ms=2_500, on_bad="trip"),
        ),
        quantity="flow",
        unit="m3/h",
        high=400.0,
        stale_after_ms=None,
    )


def oracle_site() -> Site:
    """Level (latching, trip, delays), gas (over range), temperature with rates, a switch, a flow never STALE."""
    return site(_level(), _gas(), _temperature(), _switch(), _flow())
