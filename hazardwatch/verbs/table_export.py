"""`hazardwatch table export`: the alarm list of a site for people who review it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hazardwatch.verbs import flags


def export(
    site: flags.SiteFile,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="LIST", help="The list: a file *.xlsx or *.csv.")],
) -> None:
    """The effective alarm list: one row an alarm, every attribute, and where each value comes from.

    XLSX says where in the sheet Sources, CSV in the columns `... from`. Of a list that was edited, `table diff` shows
    what changed and `table apply` writes it back into the site file.

    Example: hazardwatch table export plant.yaml -o alarms.xlsx
    """
    from hazardwatch.alarm_list.files import write_list
    from hazardwatch.alarm_list.rows import rows_of
    from hazardwatch.sites import load_sound

    rows = rows_of(load_sound(site)[0])
    write_list(out, rows, site.name)
    typer.echo(f"{out}: {len(rows)} alarms")
