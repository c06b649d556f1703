"""`hazardwatch check`: every fault of a site file at once."""

from __future__ import annotations

from dataclasses import asdict
from json import dumps as json_of
from typing import Annotated, Any

import typer

from hazardwatch.verbs import flags
from hazardwatch.verbs.output import print_json


def check(
    site: flags.SiteFile,
    expand: Annotated[
        bool, typer.Option("--expand", help="Show the whole site, defaults written out, and where each value is from.")
    ] = False,
    json: flags.Json = False,
) -> None:
    """Every fault of a site file at once: line, path, what was found, what was expected, nearest valid name.

    Exit code 1 when there are any. Warnings (what this version does not do yet) and hints (values of presets that the
    site changed) are no faults.

    Example: hazardwatch check plant.yaml --expand
    """
    from hazardwatch.sites import load_site
    from pipeline.sitefile import expanded, render_fault

    loaded = load_site(site)
    if json:
        found = {name: [asdict(one) for one in getattr(loaded, name)] for name in ("faults", "warnings", "hints")}
        print_json(found | (expanded(loaded) if expand else {}))
    else:
        for warning in loaded.warnings:
            typer.echo(f"warning: {render_fault(warning)}", err=True)
        for hint in loaded.hints:
            typer.echo(f"hint: {render_fault(hint)}", err=True)
        for fault in loaded.faults:
            typer.echo(render_fault(fault))
        if loaded.site is not None and expand:
            _show(expanded(loaded))
        if loaded.site is not None:
            typer.echo(f"{site}: no faults, {len(loaded.warnings)} warnings", err=expand)
    if loaded.faults:
        raise typer.Exit(1)


def _show(whole: dict[str, Any]) -> None:
    """Every point and alarm with all its values; behind each where it comes from, unless it is a default."""
    for kind in ("point", "alarm"):
        for one in whole[kind + "s"]:
            typer.echo(f"{kind} {one[kind]}")
            for key, value in one.items():
                if key not in (kind, "origin"):
                    origin = one["origin"].get(key)
                    typer.echo(f"  {key}: {_written(value)}" + (f"  # {origin}" if origin else ""))


def _written(value: Any) -> str:
    """As YAML would take it."""
    return value if isinstance(value, str) else json_of(value, ensure_ascii=False)
