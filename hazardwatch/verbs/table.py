"""`hazardwatch table`: between the site file and tables that people fill in. Each verb has a file of its own."""

from __future__ import annotations

import typer

from hazardwatch.verbs import table_apply, table_diff, table_export, table_import

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help=(
        "Between the site file and tables that people fill in.\n\n"
        "Example: hazardwatch table import io-list.xlsx --installation TF1 -o plant.yaml"
    ),
)
app.command("export", short_help="The alarm list, for a review in a spreadsheet.")(table_export.export)
app.command("diff", short_help="What an edited alarm list changes.")(table_diff.diff)
app.command("apply", short_help="Write an edited alarm list back into the site file.")(table_apply.apply)
app.command("import", short_help="An I/O list becomes a site file.")(table_import.import_)
