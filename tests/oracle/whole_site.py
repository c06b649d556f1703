"""A small site with every kind of alarm the contract knows, and everything that can suppress one.

It holds no rules.
"""

from __future__ import annotations

from typing import Any

from pipeline.site import (
    Alarm,
    Count,
    Cusum,
    Deviation,
    Equipment,
    Flatline,
    ModeSettings,
    Point,
    Rate,
    Site,
    Suppress,
    TimeToLimit,
    Vote,
)
from tests.oracle.sites import INSTALLATION, alarm, point, site


def _over(name: str, kind: str, **attributes: Any) -> Alarm:
    process: dict[str, Any] = {"alarm_class": "process", "priority": "high"}
    return Alarm(id=f"{INSTALLATION}/{name}", name=name, kind=kind, **(process | attributes))


def _level() -> Point:
    to_limit = TimeToLimit(
        limit=13.2, limit_alarm="TF1/LT-1/HH", within_ms=60_000, window_ms=20_000, min_rate=0.15, per_ms=3_600_000
    )
    return point(
        "LT-1",
        (
            alarm(
                "LT-1",
                "HH",
                "high",
                setpoint=13.2,
                deadband=0.1,
                latching=True,
                shelving_allowed=False,
                by_mode={"filling": ModeSettings(setpoint=12.8)},
            ),
            alarm("LT-1", "H", "high", setpoint=12.5, deadband=0.2, on_delay_ms=5_000, off_delay_ms=5_000),
            alarm(
                "LT-1",
                "L",
                "low",
                setpoint=1.5,
                deadband=0.15,
                on_delay_ms=3_000,
                by_mode={"cleaning": ModeSettings(setpoint=0.5), "filling": ModeSettings(on_delay_ms=8_000)},
            ),
            alarm("LT-1", "to-HH", "time_to_limit", time_to_limit=to_limit),
            alarm("LT-1", "frozen", "flatline", flatline=Flatline(for_ms=20_000, band=0.01)),
        ),
        equipment="T-1",
    )


def _pressure() -> Point:
    count = Count(times=3, within_ms=30_000, sustained_ms=15_000)
    return point(
        "PT-1",
        (
            alarm("PT-1", "surging", "high", setpoint=10.0, deadband=0.4, count=count, on_bad="trip"),
            alarm("PT-1", "H", "high", setpoint=12.0, deadband=0.4, on_delay_ms=2_000, count=count),
            alarm("PT-1", "drift", "cusum", cusum=Cusum(reference=9.0, slack=0.5, threshold=4.0)),
            alarm(
                "PT-1",
                "fast",
                "rate",
                rate=Rate(rising=60.0, per_ms=60_000, window_ms=6_000),
                by_mode={"filling": ModeSettings(priority="low")},
            ),
        ),
        quantity="pressure",
        unit="kPa",
        high=20.0,
        equipment="T-1",
    )


def _gas(name: str) -> Point:
    return point(
        name,
        (alarm(name, "H", "high", setpoint=25.0, on_bad="trip" if name == "GT-3" else "hold"),),
        quantity="gas_concentration",
        unit="%LEL",
        high=100.0,
        stale_after_ms=5_000,
        over_range="judge",
    )


def whole_site() -> Site:
    """Two gauges of one tank with modes, a pressure that surges, three gas detectors that vote."""
    gases = tuple(f"{INSTALLATION}/GT-{n}/H" for n in (1, 2, 3))
    return site(
        _level(),
        point("LT-2", stale_after_ms=15_000),
        _pressure(),
        *(_gas(f"GT-{n}") for n in (1, 2, 3)),
        equipment=(Equipment(id="T-1", modes=("normal", "filling", "cleaning")),),
        alarms=(
            _over("gas-2-of-3", "vote", vote=Vote(need=2, of=gases, on_fault="hold"), latching=True),
            _over("gas-2-of-3-degraded", "degraded"),
            _over("gas-any", "vote", vote=Vote(need=1, of=gases, on_fault="trip")),
            _over("gas-all", "vote", vote=Vote(need=3, of=gases, on_fault="exclude")),
            _over(
                "gauges",
                "deviation",
                deviation=Deviation(point="LT-1", reference="LT-2"),
                setpoint=0.3,
                deadband=0.05,
                on_delay_ms=4_000,
            ),
            _over(
                "gauges-lost",
                "deviation",
                deviation=Deviation(point="LT-1", reference="LT-2"),
                setpoint=0.5,
                deadband=0.05,
                on_bad="trip",
            ),
        ),
        suppress=(
            Suppress(
                id="cleaning", alarms=("TF1/LT-1/L", "TF1/LT-1/frozen", "TF1/gauges"), equipment="T-1", mode="cleaning"
            ),
            Suppress(id="normal", alarms=("TF1/PT-1/drift",), equipment="T-1", mode="normal"),
            Suppress(id="by-HH", alarms=("TF1/LT-1/H", "TF1/LT-1/to-HH"), cause="TF1/LT-1/HH"),
            Suppress(id="by-H", alarms=("TF1/PT-1/H",), cause="TF1/LT-1/H"),
            Suppress(id="by-surge", alarms=("TF1/LT-1/to-HH", "TF1/PT-1/fast"), cause="TF1/PT-1/surging"),
            Suppress(id="by-stale", alarms=("TF1/gauges",), cause="TF1/LT-2/STALE"),
        ),
    )
