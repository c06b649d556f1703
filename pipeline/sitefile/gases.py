"""The gases of the preset gas-toxic: their exposure limits, each with its source. Numbers only.

OEL and IDLH rows are from a vendor's page that cites GB/T 50493-2019, some marked unsure there. They are editable
defaults and no legal advice; check them against the print of the standard before relying on them.
"""

from __future__ import annotations

from typing import NamedTuple

OEL = "OEL row of a vendor's page citing GB/T 50493-2019, agreeing with GBZ 2.1 from memory"
UNSURE = "OEL commonly held, unsure: verify before use"


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
