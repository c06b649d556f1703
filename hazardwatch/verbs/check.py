"""`hazardwatch check`: every fault of a site file at once."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

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

    Exit code 1 when there are any. Warnings (what this version does not do yet) are no faults.

    Example: hazardwatch check plant.yaml --expand
    """
    from hazardwatch.sites import load_site
    from pipeline.sitefile import expanded, render_fault

    loaded = load_site(site)
    if json:
        found = {name: [asdict(one) for one in getattr(loaded, name)] for name in ("faults", "warnings")}
        print_json(found | ({"site": loaded.site, "origin": loaded.origin} if expand else {}))
    else:
        for warning in loaded.warnings:
            typer.echo(f"warning: {render_fault(warning)}", err=True)
        for fault in loaded.faults:
            typer.echo(render_fault(fault))
        if loaded.site is not None and expand:
            typer.echo(expanded(loaded))
        elif loaded.site is not None:
            typer.echo(f"{site}: no faults, {len(loaded.warnings)} warnings")
    if loaded.faults:
        raise typer.Exit(1)
