"""Ready-made gas alarms by name, every number with its source. It makes raw alarms as a site file would write them.

Sources: "GB/T 50493-2019" alarm levels as published in secondary sources; OEL and IDLH rows from a vendor's
page that cites it, some marked unsure there. They are editable defaults and no legal advice; check them
against the print of the standard before relying on them.
"""

from __future__ import annotations

from typing import NamedTuple

from pipeline.sitefile.scalars import number_text

LEVELS_SOURCE = "GB/T 50493-2019: combustible 25 / 50 %LEL, toxic 100 / 200 % of the OEL (else 5 / 10 % of IDLH)"
OXYGEN_SOURCE = "oxygen 19.5 / 23.5 %VOL (GB/T 50493-2019 as commonly held)"
OEL = "OEL row of a vendor's page citing GB/T 50493-2019, agreeing with GBZ 2.1 from memory"
UNSURE = "OEL commonly held, unsure: verify before use"
IDLH_LEVEL_1, IDLH_LEVEL_2 = 0.05, 0.10


class Gas(NamedTuple):
    """Levels 1 and 2 in mg/m3 and in ppm at 20 degC (24.055 L/mol); `idlh` in mg/m3 where one is known."""

    level_1: float
    level_2: float
    idlh: float | None
    ppm_1: float
    ppm_2: float
    source: str


TOXIC: dict[str, Gas] = {
    "hydrogen sulfide": Gas(10, 20, 430, 7.1, 14.1, f"MAC 10; {OEL}"),
    "carbon monoxide": Gas(20, 40, 1700, 17.2, 34.4, f"PC-TWA 20; {OEL}"),
    "ammonia": Gas(20, 40, 360, 28.2, 56.5, f"PC-TWA 20; {OEL}"),
    "chlorine": Gas(1, 2, 88, 0.34, 0.68, f"MAC 1; {OEL}"),
    "sulfur dioxide": Gas(5, 10, 270, 1.88, 3.75, f"PC-TWA 5; {OEL}"),
    "nitrogen dioxide": Gas(5, 10, 96, 2.61, 5.23, f"PC-TWA 5; {OEL}"),
    "hydrogen chloride": Gas(7.5, 15, 150, 4.95, 9.90, f"MAC 7.5; {OEL}"),
    "hydrogen fluoride": Gas(2, 4, 25, 2.40, 4.81, f"MAC 2; {OEL}; IDLH unsure"),
    "hydrogen cyanide": Gas(1, 2, 56, 0.89, 1.78, f"MAC 1; {OEL}"),
    "phosgene": Gas(0.5, 1, 8, 0.12, 0.24, f"MAC 0.5; {OEL}"),
    "methanol": Gas(25, 50, 33000, 18.8, 37.5, f"PC-TWA 25; {OEL}"),
    "benzene": Gas(3, 6, 9800, 0.92, 1.85, "PC-TWA 3 (GBZ 2.1-2019, unsure; 6 in the older print): the stricter one"),
    "toluene": Gas(50, 100, 7700, 13.1, 26.1, f"PC-TWA 50; {OEL}"),
    "xylene": Gas(50, 100, 4400, 11.3, 22.7, f"PC-TWA 50; {OEL}"),
    "acrylonitrile": Gas(1, 2, 1100, 0.45, 0.91, f"PC-TWA 1; {OEL}"),
    "vinyl chloride": Gas(10, 20, None, 3.85, 7.70, f"PC-TWA 10; {OEL}"),
    "ozone": Gas(0.3, 0.6, 20, 0.15, 0.30, f"MAC 0.3; {OEL}"),
    "phenol": Gas(10, 20, 950, 2.56, 5.11, f"PC-TWA 10; {OEL}"),
    "carbon dioxide": Gas(9000, 18000, 92000, 4919, 9838, f"PC-TWA 9000; {OEL}"),
    "ethylene oxide": Gas(2, 4, 1500, 1.09, 2.18, f"PC-TWA 2; {UNSURE}"),
    "bromine": Gas(0.6, 1.2, 66, 0.09, 0.18, f"PC-TWA 0.6; {UNSURE}"),
    "phosphine": Gas(0.3, 0.6, None, 0.21, 0.42, f"MAC 0.3; {UNSURE}"),
    "arsine": Gas(0.03, 0.06, None, 0.009, 0.019, f"MAC 0.03; {UNSURE}"),
    "formaldehyde": Gas(0.5, 1, 37, 0.40, 0.80, f"MAC 0.5; {UNSURE}"),
}


class Preset(NamedTuple):
    """`units` it is made for; `source` of its numbers."""

    units: tuple[str, ...]
    source: str


PRESETS: dict[str, Preset] = {
    "gas-combustible": Preset(("%LEL",), LEVELS_SOURCE),
    "gas-toxic": Preset(("mg/m3", "mg/m³", "ppm"), LEVELS_SOURCE),
    "oxygen": Preset(("%VOL",), OXYGEN_SOURCE),
}

Levels = tuple[tuple[str, str, float, str], ...]
"""(alarm name, kind, setpoint in the point's unit, source) from the first level to the last."""


def fixed_levels(preset: str) -> Levels:
    """The levels of gas-combustible (%LEL) and oxygen (%VOL)."""
    if preset == "gas-combustible":
        return (("H", "high", 25, LEVELS_SOURCE), ("HH", "high", 50, LEVELS_SOURCE))
    return (("L", "low", 19.5, OXYGEN_SOURCE), ("H", "high", 23.5, OXYGEN_SOURCE))


def toxic_levels(gas: Gas, unit: str, resolution: float | None) -> Levels | None:
    """The levels of gas-toxic in the point's unit; by the IDLH rule where level 1 is below what the sensor resolves.

    None: below what it resolves and no IDLH known. The IDLH is converted with the gas's own ratio of ppm to mg/m3.
    """
    first, second = (gas.ppm_1, gas.ppm_2) if unit == "ppm" else (gas.level_1, gas.level_2)
    if resolution is None or first >= resolution:
        return (("H", "high", first, gas.source), ("HH", "high", second, gas.source))
    if gas.idlh is None:
        return None
    ratio = gas.ppm_2 / gas.level_2 if unit == "ppm" else 1.0
    source = f"5 / 10 % of IDLH {number_text(gas.idlh)} mg/m3, level 1 by OEL being below the resolution"
    low, high = (float(f"{gas.idlh * share * ratio:.3g}") for share in (IDLH_LEVEL_1, IDLH_LEVEL_2))
    return (("H", "high", low, source), ("HH", "high", high, source))


PRESET_PRIORITY = {"H": "high", "L": "high", "HH": "critical"}
