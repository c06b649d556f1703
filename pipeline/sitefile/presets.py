"""Ready-made alarms by name, every number with its source. Pure data; preset.py lays them under a point's own.

They are editable defaults and no legal advice. "Proposed" marks a number of this project behind which no norm stands.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from pipeline.sitefile.gases import TOXIC, Gas
from pipeline.sitefile.scalars import number_text

LEVELS_SOURCE = "GB/T 50493-2019: combustible 25 / 50 %LEL, toxic 100 / 200 % of the OEL (else 5 / 10 % of IDLH)"
OXYGEN_SOURCE = "oxygen 19.5 / 23.5 %VOL (GB/T 50493-2019 as commonly held)"
LATCHING_SOURCE = "gas alarms stay until a person resets them (GB/T 50493-2019 as commonly held)"
TANK_SOURCE = (
    "proposed for a tank in general: HH 90, H 85, L 15, LL 10 % of the gauge's range; liquefied gas HH 85, H 80"
)
TIME_SOURCE = "proposed: HH reached within 15 min (its usual time basis is 10 to 15 min at the greatest inflow; unsure)"
EARLY_SOURCE = "proposed: HH reached within 30 min"
VESSEL_SOURCE = "80 % of the design pressure, and below the safety valve's (AQ 3036-2010 as commonly held; superseded)"
USE_SOURCE = "proposed, after electricity monitoring: more than the declared state uses"
DROP_SOURCE = "proposed, after electricity monitoring: a sudden drop by 30 %, as of lost feeds of safety systems"
CHOICE = "this project's choice"
IDLH_LEVEL_1, IDLH_LEVEL_2 = 0.05, 0.10


class PresetAlarm(NamedTuple):
    """One alarm as a site file would write it; `sources` says where its numbers are from, by key."""

    name: str
    values: dict[str, Any]
    sources: dict[str, str]


class Preset(NamedTuple):
    """`alarms` is empty for gas-toxic, whose numbers depend on the gas. `needs`: what the point must say besides."""

    quantity: str
    units: tuple[str, ...]
    says: str
    alarms: tuple[PresetAlarm, ...]
    needs: str = ""


def _level(name: str, kind: str, setpoint: float | str, source: str, **more: Any) -> PresetAlarm:
    priority = {"HH": "critical", "LL": "high", "H": "high", "L": "high"}[name]
    values = {"type": kind, "class": "process", "priority": priority, **more, "setpoint": setpoint}
    sources = {"setpoint": source} | ({"latching": LATCHING_SOURCE} if "latching" in more else {})
    return PresetAlarm(name, values, sources)


def _gas(name: str, kind: str, setpoint: float, source: str) -> PresetAlarm:
    return _level(name, kind, setpoint, source, deadband=0, latching=True)


def _to_hh(name: str, within: str, priority: str, source: str) -> PresetAlarm:
    values = {"type": "time_to_limit", "limit": "HH", "within": within, "window": "5min", "priority": priority}
    return PresetAlarm(name, values, {"within": source, "window": f"proposed; {CHOICE}"})


_POWER = (
    PresetAlarm(
        "use",
        {
            "type": "high",
            "setpoint": "95%",
            "deadband": "1%",
            "on_delay": "1min",
            "priority": "medium",
            "by_mode": {"stopped": {"setpoint": "5%", "priority": "high"}},
        },
        {"setpoint": f"{USE_SOURCE}: overload", "by_mode": f"{USE_SOURCE}: use at night while stopped"},
    ),
    PresetAlarm(
        "drop",
        {"type": "rate", "falling": "30%", "per": "1h", "window": "1h", "priority": "high"},
        {"falling": DROP_SOURCE, "per": DROP_SOURCE, "window": "proposed: four values of a meter read every 15 min"},
    ),
)

PRESETS: dict[str, Preset] = {
    "gas-combustible": Preset(
        "gas_concentration",
        ("%LEL",),
        "combustible gas, two latching levels",
        (_gas("H", "high", 25, LEVELS_SOURCE), _gas("HH", "high", 50, LEVELS_SOURCE)),
    ),
    "gas-toxic": Preset(
        "gas_concentration",
        ("mg/m3", "mg/m³", "ppm"),
        "toxic gas, two latching levels by the gas's exposure limit",
        (),
        "gas",
    ),
    "oxygen": Preset(
        "gas_concentration",
        ("%VOL",),
        "too little or too much oxygen, latching",
        (_gas("L", "low", 19.5, OXYGEN_SOURCE), _gas("H", "high", 23.5, OXYGEN_SOURCE)),
    ),
    "tank": Preset(
        "level",
        ("m", "cm", "mm", "%"),
        "a tank's four levels, and how long until HH",
        (
            _level("HH", "high", "90%", TANK_SOURCE),
            _level("H", "high", "85%", TANK_SOURCE),
            _level("L", "low", "15%", TANK_SOURCE),
            _level("LL", "low", "10%", TANK_SOURCE),
            _to_hh("to-HH", "15min", "high", TIME_SOURCE),
            _to_hh("nearing-HH", "30min", "medium", EARLY_SOURCE),
        ),
        "range",
    ),
    "pressure-vessel": Preset(
        "pressure",
        ("Pa", "kPa", "MPa", "mbar", "bar", "psi", "mmH2O"),
        "a vessel's pressure; H, the upper limit of normal working, is the site's to give",
        (
            _level("HH", "high", "80% of design", VESSEL_SOURCE),
            PresetAlarm("H", {"type": "high", "class": "process", "priority": "high"}, {}),
        ),
        "design, and the setpoint of H under alarms",
    ),
    "motor-power": Preset(
        "power",
        ("W", "kW", "MW", "kVA"),
        "a motor or feeder: used while its equipment is in the mode stopped, overload, sudden drop",
        _POWER,
        "range, and an equipment with a mode called stopped",
    ),
}


def toxic_levels(gas: Gas, unit: str, resolution: float | None) -> tuple[PresetAlarm, ...] | None:
    """The levels of gas-toxic in the point's unit; by the IDLH rule where level 1 is below what the sensor resolves.

    None: below what it resolves and no IDLH known. The IDLH is converted with the gas's own ratio of ppm to mg/m3.
    """
    first, second = (gas.ppm_1, gas.ppm_2) if unit == "ppm" else (gas.level_1, gas.level_2)
    if resolution is None or first >= resolution:
        return _gas("H", "high", first, gas.source), _gas("HH", "high", second, gas.source)
    if gas.idlh is None:
        return None
    ratio = gas.ppm_2 / gas.level_2 if unit == "ppm" else 1.0
    source = f"5 / 10 % of IDLH {number_text(gas.idlh)} mg/m3, level 1 by OEL being below the resolution"
    low, high = (float(f"{gas.idlh * share * ratio:.3g}") for share in (IDLH_LEVEL_1, IDLH_LEVEL_2))
    return _gas("H", "high", low, source), _gas("HH", "high", high, source)


def alarm_names(preset: str) -> tuple[str, ...]:
    """The alarms a preset brings."""
    alarms = PRESETS[preset].alarms or toxic_levels(next(iter(TOXIC.values())), "mg/m3", None) or ()
    return tuple(one.name for one in alarms)
