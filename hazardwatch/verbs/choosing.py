"""The flags by which `points` and `alarms` choose, and the choice they make."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from hazardwatch.selection import Selection
    from pipeline.site import Site

Installation = Annotated[str | None, typer.Option("--installation", metavar="ID", help="Only of this installation.")]
Equipment = Annotated[str | None, typer.Option("--equipment", metavar="ID", help="Only of this equipment.")]
Gateway = Annotated[str | None, typer.Option("--gateway", metavar="ID", help="Only what this gateway brings.")]
Class = Annotated[str | None, typer.Option("--class", metavar="NAME", help="Only alarms of this class.")]
Priority = Annotated[
    str | None, typer.Option("--priority", metavar="WORD", help="Only critical, high, medium or low alarms.")
]
Preset = Annotated[str | None, typer.Option("--preset", metavar="NAME", help="Only of points with this preset.")]
Text = Annotated[
    str | None,
    typer.Option(
        "--text", metavar="WORDS", help="Only what has this in an id, name, alias, cause ..., in any language."
    ),
]
Csv = Annotated[bool, typer.Option("--csv", help="Print data as CSV, for spreadsheets.")]


def check(selection: Selection, site: Site) -> None:
    """Raises ConfigError for a name that is nowhere in the site."""
    from pipeline.errors import ConfigError

    wrong = selection.misnamed(site.installations)
    if wrong is not None:
        raise ConfigError(wrong)


def query(selection: Selection) -> dict[str, str | None]:
    """As the HTTP interface names it."""
    asked = selection._asdict()
    return {"class" if key == "alarm_class" else key: value for key, value in asked.items()}
