"""`hazardwatch check`: every fault of a site file at once."""

from __future__ import annotations

from dataclasses import asdict
from json import dumps as json_of
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hazardwatch.verbs import flags
from hazardwatch.verbs.output import print_json

if TYPE_CHECKING:
    from pipeline.sitefile import Loaded


def check(
    site: flags.SiteFile,
    expand: Annotated[
        bool, typer.Option("--expand", help="Show the whole site, defaults written out, and where each value is from.")
    ] = False,
    hints: Annotated[
        bool, typer.Option("--hints", help="Every hint with its place; else one line for all of a kind.")
    ] = False,
    json: flags.Json = False,
) -> None:
    """Every fault of a site file at once: file, line, path, what was found, what was expected, nearest valid name.

    Exit code 1 when there are any. Warnings (what this version does not do yet) and hints (what a sound site could do
    better: docs/check.md) are no faults. With --json all of them are in lists, for editors.

    Example: hazardwatch check plant.yaml --expand
    """
    from hazardwatch.sites import load_site
    from pipeline.sitefile import advice, collecting_later, counted, expanded, hint_lines, render_fault

    with collecting_later():
        loaded = load_site(site)
        advised = advice(loaded)
        whole = expanded(loaded) if expand else {}
    if json:
        found = {"faults": loaded.faults, "warnings": loaded.warnings, "hints": advised}
        print_json({name: [asdict(one) for one in each] for name, each in found.items()} | whole)
    else:
        lines = [render_fault(one) for one in advised] if hints else hint_lines(advised)
        _tell(loaded, lines)
        if loaded.site is not None:
            _show(whole)
            many = f"{counted(len(loaded.warnings), 'warning')}, {counted(len(lines), 'hint')}"
            typer.echo(f"{site}: no faults, {many}", err=expand)
    if loaded.faults:
        raise typer.Exit(1)


def _tell(loaded: Loaded, hints: list[str]) -> None:
    from pipeline.sitefile import counted, render_fault

    for warning in loaded.warnings:
        typer.echo(f"warning: {render_fault(warning)}", err=True)
    for hint in hints:
        typer.echo(f"hint: {hint}", err=True)
    for fault in loaded.faults:
        typer.echo(render_fault(fault))
    if len(loaded.faults) > 1:
        typer.echo(counted(len(loaded.faults), "fault"), err=True)


def _show(whole: dict[str, Any]) -> None:
    """Every point and alarm with all its values; behind each where it comes from, unless it is a default."""
    for kind in ("point", "alarm"):
        for one in whole.get(kind + "s", ()):
            typer.echo(f"{kind} {one[kind]}")
            for key, value in one.items():
                if key not in (kind, "origin"):
                    origin = one["origin"].get(key)
                    typer.echo(f"  {key}: {_written(value)}" + (f"  # {origin}" if origin else ""))


def _written(value: Any) -> str:
    """As YAML would take it."""
    return value if isinstance(value, str) else json_of(value, ensure_ascii=False)
