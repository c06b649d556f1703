"""All presets with every number and its source, for `hazardwatch presets`; those of a site beside the built-in ones."""

from __future__ import annotations

from typing import Any

from pipeline.sitefile.gases import TOXIC
from pipeline.sitefile.loaded import Loaded
from pipeline.sitefile.presets import CHOICE, LATCHING_SOURCE, LEVELS_SOURCE, PRESETS, Preset, PresetAlarm
from pipeline.sitefile.tree import Mapping

Shown = dict[str, Any]
_WORDS = ("type", "class", "limit")
"""Keys that say what an alarm is; all others are numbers, or choices like them."""


def presets_shown(loaded: Loaded | None = None) -> dict[str, Shown]:
    """By name: quantity, units, says, needs, alarms (as in a site file) and sources (alarm -> key -> words).

    gas-toxic has `gases` instead: H, HH in mg/m3 and ppm (20 degC), IDLH in mg/m3, source. `loaded`: a site's own too.
    """
    shown = {name: _built_in(name, preset) for name, preset in PRESETS.items()}
    own = loaded.tree.get("presets") if loaded is not None and loaded.tree is not None else None
    if isinstance(own, Mapping):
        shown |= {str(name): _own(body) for name, body in own.items() if isinstance(body, Mapping)}
    return shown


def _built_in(name: str, preset: Preset) -> Shown:
    shown: Shown = {"quantity": preset.quantity, "units": list(preset.units), "says": preset.says}
    if preset.needs:
        shown["needs"] = preset.needs
    if name == "gas-toxic":
        return shown | {"source": f"{LEVELS_SOURCE}; {LATCHING_SOURCE}", "gases": _gases()}
    shown["alarms"] = {one.name: one.values for one in preset.alarms}
    shown["sources"] = {one.name: _sources(one) for one in preset.alarms}
    return shown


def _sources(one: PresetAlarm) -> dict[str, str]:
    return {key: one.sources.get(key, CHOICE) for key in one.values if key not in _WORDS}


def _gases() -> dict[str, Shown]:
    return {
        name: {
            "mg/m3": {"H": gas.level_1, "HH": gas.level_2},
            "ppm": {"H": gas.ppm_1, "HH": gas.ppm_2},
            "idlh_mg_m3": gas.idlh,
            "source": gas.source,
        }
        for name, gas in TOXIC.items()
    }


def _own(body: Mapping) -> Shown:
    source = str(body.get("source", "the site file"))
    alarms = body.get("alarms")
    written = {str(name): dict(one) for name, one in alarms.items() if isinstance(one, Mapping)} if alarms else {}
    shown = {key: body[key] for key in ("quantity", "units") if key in body}
    sources = {name: dict.fromkeys(one, source) for name, one in written.items()}
    says = f"of this site, after {source}" if "source" in body else "of this site"
    return shown | {"says": says, "alarms": written, "sources": sources}
