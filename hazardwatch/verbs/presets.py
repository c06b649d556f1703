"""`hazardwatch presets`: ready-made alarms, every number with its source."""

from __future__ import annotations

from json import dumps as json_of
from pathlib import Path
from typing import Annotated, Any

import typer

from hazardwatch.verbs import flags
from hazardwatch.verbs.output import print_json


def presets(
    name: Annotated[str | None, typer.Argument(help="One of them; all, shortly, unless given.")] = None,
    site: Annotated[Path | None, typer.Option("--site", help="Also the presets of this site file.")] = None,
    json: flags.Json = False,
) -> None:
    """Ready-made alarms that a point takes with `preset: NAME`; every number can be changed, and has its source.

    Example: hazardwatch presets gas-combustible
    """
    from hazardwatch.sites import load_site
    from pipeline.errors import ConfigError
    from pipeline.sitefile.fault import listing, nearest
    from pipeline.sitefile.presets_shown import presets_shown

    found = presets_shown(None if site is None else load_site(site))
    if name is not None and name not in found:
        near = nearest(name, found)
        meant = f" (did you mean {near}?)" if near else ""
        raise ConfigError(f"there is no preset {name}: one of {listing(found)}{meant}")
    chosen = found if name is None else {name: found[name]}
    if json:
        print_json({"presets": [{"preset": one, **body} for one, body in chosen.items()]})
    elif name is None:
        for one, body in found.items():
            typer.echo(f"{one:18}{body['says']}")
    else:
        _show(name, found[name])


def _show(name: str, preset: dict[str, Any]) -> None:
    """Every alarm with every value, and behind each where it is from."""
    units = preset.get("units")
    of = f" in {' or '.join(units)}" if units else ""
    typer.echo(f"{name}: {preset['says']}; for {preset['quantity']}{of}")
    if "needs" in preset:
        typer.echo(f"the point needs: {preset['needs']}")
    for alarm, values in preset.get("alarms", {}).items():
        typer.echo(f"  {alarm}")
        for key, value in values.items():
            text = value if isinstance(value, str) else json_of(value, ensure_ascii=False)
            source = preset["sources"][alarm].get(key)
            typer.echo(f"    {key}: {text}" + (f"  # {source}" if source else ""))
    if "gases" in preset:
        _show_gases(preset)


def _show_gases(preset: dict[str, Any]) -> None:
    typer.echo(f"  {preset['source']}")
    typer.echo(f"  {'gas':20}{'H / HH mg/m3':>16}{'H / HH ppm':>16}{'IDLH mg/m3':>12}  source")
    for gas, one in preset["gases"].items():
        mass, parts = (f"{one[unit]['H']:g} / {one[unit]['HH']:g}" for unit in ("mg/m3", "ppm"))
        idlh = "–" if one["idlh_mg_m3"] is None else f"{one['idlh_mg_m3']:g}"
        typer.echo(f"  {gas:20}{mass:>16}{parts:>16}{idlh:>12}  {one['source']}")
