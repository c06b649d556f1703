"""`hazardwatch points`: the points of a site file, or of a running service with what stands of each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hazardwatch.options import DEFAULT_DATA
from hazardwatch.verbs import choosing, flags
from hazardwatch.verbs.output import print_csv, print_json, print_table

if TYPE_CHECKING:
    from hazardwatch.selection import Selection

SiteFile = Annotated[
    Path | None,
    typer.Argument(
        metavar="[SITE]", help="A site file; the service of --data or --url unless given.", show_default=False
    ),
]
_HEAD = ["point", "name", "quantity", "unit", "range", "equipment", "gateway", "preset", "alias", "alarms", "stands"]


def points(
    site: SiteFile = None,
    installation: choosing.Installation = None,
    equipment: choosing.Equipment = None,
    gateway: choosing.Gateway = None,
    alarm_class: choosing.Class = None,
    priority: choosing.Priority = None,
    preset: choosing.Preset = None,
    text: choosing.Text = None,
    data: flags.Data = DEFAULT_DATA,
    url: flags.Url = None,
    token_file: flags.TokenFile = None,
    json: flags.Json = False,
    csv: choosing.Csv = False,
) -> None:
    """The points of a site file, or those of a running service with the alarms of each that stand.

    By class and priority: the points that have such an alarm. With --json a list; of a site file it is that of
    `check --expand`.

    Example: hazardwatch points plant.yaml --equipment T-101 --csv
    """
    from hazardwatch.selection import Selection

    asked = Selection(installation, equipment, gateway, alarm_class, priority, preset, text)
    if site is not None:
        found, language = _of_file(site, asked)
    else:
        from hazardwatch.client import Client, access

        with Client(access(data, url, token_file)) as service:
            answer = service.get("/api/v1/points", (200,), **choosing.query(asked))
        found, language = answer["points"], answer["language"]
    if json:
        print_json([{key: value for key, value in one.items() if key != "priorities"} for one in found])
        return
    rows = [_row(one, language) for one in found]
    if csv:
        print_csv(_HEAD, rows)
    elif rows:
        print_table(_HEAD, rows)
    else:
        typer.echo("no point is like that", err=True)


def _of_file(site: Path, asked: Selection) -> tuple[list[dict[str, Any]], str]:
    from hazardwatch.sites import load_sound
    from pipeline.sitefile import expanded

    loaded, whole = load_sound(site)
    choosing.check(asked, whole)
    shown = {one["point"]: one for one in expanded(loaded)["points"]}
    chosen = list(asked.points(whole.installations))
    found = [
        shown[f"{here.id}/{point.id}"] | {"priorities": {alarm.name: alarm.priority for alarm in point.alarms}}
        for here, point in chosen
    ]
    return found, whole.language


def _row(one: dict[str, Any], language: str) -> list[str]:
    span = one.get("range")
    alarms = one.get("alarms", one.get("priorities", {}))
    own = [name for name in alarms if name not in ("STALE", "BAD", "LATE", "CLOCK")]
    off = "" if one["enabled"] else "disabled"
    stands = ", ".join(f"{name} {state}" for name, state in one.get("standing", {}).items())
    return [
        one["point"],
        one["name"][language],
        one["quantity"],
        one.get("unit") or "",
        "" if span is None else f"{span[0]:g} .. {span[1]:g}",
        *(one.get(key) or "" for key in ("equipment", "gateway", "preset", "alias")),
        off or ", ".join(own),
        stands,
    ]
