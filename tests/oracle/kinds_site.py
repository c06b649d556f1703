"""A small site with the kinds beyond the contract. It holds no rules."""

from __future__ import annotations

from typing import Any

from pipeline.site import Alarm, Balance, Discrepancy, Ewma, Noise, Site
from tests.oracle.sites import INSTALLATION, alarm, point, site


def over(name: str, kind: str, **attributes: Any) -> Alarm:
    """An alarm of the installation."""
    process: dict[str, Any] = {"alarm_class": "process", "priority": "high"}
    return Alarm(id=f"{INSTALLATION}/{name}", name=name, kind=kind, **(process | attributes))


def _state(id_: str, *names: str) -> Any:
    states = {float(number): name for number, name in enumerate(names)}
    return point(id_, quantity="state", unit="", low=None, high=None, states=states)


def kinds_site() -> Site:
    """A pressure with noise and ewma alarms, a valve with its order, a tank with two inflows and an outflow."""
    noise = Noise(quiet=0.01, loud=0.6, window_ms=12_000)
    ewma = Ewma(reference=9.0, sigma=0.5, weight=0.3, width=3.0)
    valve = Discrepancy(command="XC", feedback="XV", agree={0.0: (0.0,), 1.0: (1.0,)})
    flows = {"FT-1": 1.0, "FT-2": 60.0, "FT-3": -1.0}
    tank = Balance(level="LT", level_factor=0.01, flows=flows, area=170.0, window_ms=8_000)
    flow: dict[str, Any] = {"quantity": "flow", "unit": "m3/h", "high": 400.0}
    return site(
        point(
            "PT",
            (
                alarm("PT", "noisy", "noise", noise=noise),
                alarm(
                    "PT", "dead", "noise", noise=Noise(quiet=0.05, window_ms=20_000), on_delay_ms=3_000, on_bad="trip"
                ),
                alarm("PT", "shift", "ewma", ewma=ewma),
                alarm("PT", "far", "ewma", ewma=ewma, on_delay_ms=2_000, off_delay_ms=2_000, on_bad="trip"),
            ),
            quantity="pressure",
            unit="kPa",
            high=20.0,
        ),
        _state("XC", "close", "open"),
        _state("XV", "closed", "opened"),
        point("LT", (alarm("LT", "H", "high", setpoint=12.5, deadband=0.2),)),
        point("FT-1", stale_after_ms=15_000, **flow),
        point("FT-2", **(flow | {"unit": "m3/min", "high": 6.0})),
        point("FT-3", (alarm("FT-3", "H", "high", setpoint=300.0),), **flow),
        alarms=(
            over("valve", "discrepancy", discrepancy=valve, on_delay_ms=3_000, off_delay_ms=1_000),
            over("valve-safe", "discrepancy", discrepancy=valve, on_delay_ms=6_000, on_bad="trip"),
            over("stuck", "balance", balance=tank, setpoint=4.0, latching=True),
            over("leak", "balance", balance=tank, setpoint=0.9, on_delay_ms=2_000, on_bad="trip"),
        ),
    )
