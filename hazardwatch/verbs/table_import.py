"""`hazardwatch table import`: an I/O list becomes a site file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hazardwatch.verbs import flags
from hazardwatch.verbs.output import print_json

if TYPE_CHECKING:
    from pipeline.iolist.frame import Frame
    from pipeline.iolist.headings import Role
    from pipeline.iolist.importing import Asked, Made
    from pipeline.sitefile import Loaded


def import_(
    table: Annotated[Path, typer.Argument(metavar="LIST", help="The I/O list: .xlsx or .csv.")],
    installation: Annotated[str, typer.Option(metavar="ID", help="The installation that the list is of.")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="SITE", help="The site file to write.")],
    name: Annotated[str, typer.Option(metavar="TEXT", help="What people call the installation.")] = "",
    columns: Annotated[
        str,
        typer.Option(
            metavar="KEY=COLUMN,...", help="Which column is which, where the headings do not say it: tag=A,HH=F"
        ),
    ] = "",
    sheet: Annotated[str | None, typer.Option(metavar="NAME", help="Only this sheet.")] = None,
    part: Annotated[
        bool, typer.Option("--part", help="Write what another site file can `include`, not a whole site file.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there already.")] = False,
    json: flags.Json = False,
) -> None:
    """An I/O list becomes a site file. Rows that are not clear are listed with the reason, and at the file's end.

    Headings in English or Chinese are recognised; how they were read is shown, and stands at the file's beginning.
    Exit code 1 when no row came through; then nothing is written.

    Example: hazardwatch table import io-list.xlsx --installation TF1 -o plant.yaml
    """
    from pipeline.iolist.importing import Asked
    from pipeline.sitefile.scalars import ID_EXPECTED, is_id

    if not is_id(installation):
        raise typer.BadParameter(f"{installation!r}: {ID_EXPECTED}", param_hint="--installation")
    refuse_to_overwrite(output, force)
    asked = Asked(installation, name, table.name, _given(columns), sheet, part)
    write_imported(table, output, asked, None, json=json)
    included = "name it under `include` in the site's main file, and check that"
    typer.echo(f"next: {included if part else f'hazardwatch check {output}'}", err=True)


def refuse_to_overwrite(file: Path, force: bool) -> None:
    """Raises ConfigError where the file is there and nobody said that it may go."""
    from pipeline.errors import ConfigError

    if file.exists() and not force:
        raise ConfigError(f"{file} is there already: name another file, or write over it with --force")


def judge(text: str) -> Loaded:
    """What `hazardwatch check` says of a text that is no file yet."""
    from hazardwatch.sites import load_text

    return load_text(text.encode(), "the new file")


def write_imported(table: Path, file: Path, asked: Asked, frame: Frame | None, *, json: bool = False) -> None:
    """Read the list, tell how it was read, write the file. Exits with 1, nothing written, when no row came through."""
    from pipeline.iolist.files import read_sheets
    from pipeline.iolist.importing import imported

    made = imported(read_sheets(table), asked, frame, judge)
    _tell(made)
    if json:
        _print(made)
    if made.text is None:
        typer.echo("no row came through: nothing was written", err=True)
        raise typer.Exit(1)
    file.write_text(made.text, encoding="utf-8")
    count = f"{made.points} points with {made.alarms} alarms from {made.rows} rows, {made.templates} templates"
    typer.echo(f"{file}: {count}; {len(made.unclear)} things unclear", err=True)


def _given(text: str) -> dict[Role, int]:
    """`tag=A,HH=F`: roles with their columns."""
    from pipeline.iolist.headings import role_of_key
    from pipeline.iolist.sheet import column_of

    given = {}
    for pair in filter(None, text.split(",")):
        key, _, letters = (one.strip() for one in pair.partition("="))
        role, column = role_of_key(key), column_of(letters)
        if role is None or column is None:
            expected = "tag, name, kind, unit, range, HH, H, L, LL, priority, HH.priority ... and a column such as F"
            raise typer.BadParameter(f"{pair!r}: expected {expected}", param_hint="--columns")
        given[role] = column
    return given


def _tell(made: Made) -> None:
    """The mapping and what is unclear, on stderr."""
    for one in made.sheets:
        typer.echo(f"columns{f' of sheet {one.name}' if one.name else ''}:", err=True)
        for line in one.columns.words():
            typer.echo(f"  {line}", err=True)
    if made.unclear:
        typer.echo("not understood, or only in part:", err=True)
    for row in made.unclear:
        typer.echo(f"  {row.words()}", err=True)


def _print(made: Made) -> None:
    print_json(
        {
            "points": made.points,
            "alarms": made.alarms,
            "rows": made.rows,
            "columns": [
                {"sheet": one.name, "column": column.at + 1, "heading": column.heading, "read_as": role.key()}
                for one in made.sheets
                for role, columns in one.columns.of.items()
                for column in columns
            ],
            "unclear": [row._asdict() for row in made.unclear],
        }
    )
