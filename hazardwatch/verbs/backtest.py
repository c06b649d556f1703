"""`hazardwatch backtest`: what another configuration would have done with the readings of a time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hazardwatch.options import DEFAULT_DATA
from hazardwatch.verbs import flags
from hazardwatch.verbs.differences import show_differences
from hazardwatch.verbs.output import print_json, print_table
from pipeline.errors import ConfigError

if TYPE_CHECKING:
    from hazardwatch.backtest_compare import Comparison
    from hazardwatch.kpi import Kpi, Spell
    from hazardwatch.readings_files import Readings
    from pipeline.site import Site

_SHOWN = 50


def backtest(
    site: Annotated[Path, typer.Option("--site", metavar="NEW", help="The site file that is to be tried.")],
    against: Annotated[Path, typer.Option("--against", metavar="OLD", help="The site file to compare with.")],
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FILE]...", help="Recordings: .csv, .jsonl, .parquet, each also .gz."),
    ] = None,
    from_: flags.FromTime = None,
    to: flags.ToTime = None,
    data: flags.Data = DEFAULT_DATA,
    dsn: flags.Dsn = None,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a page with tables and trends.")] = None,
    json: flags.Json = False,
) -> None:
    """Two configurations over the same readings: which alarms come, come no more, earlier or later; figures of both.

    The readings are files, or those of the history from --from to --to (--data or --dsn).

    Example: hazardwatch backtest --site new.yaml --against plant.yaml october.csv.gz --html october.html
    """
    from hazardwatch.backtest import backtest as run
    from hazardwatch.backtest import united
    from hazardwatch.backtest_compare import compare, comparison_object
    from hazardwatch.config_diff import differences
    from hazardwatch.sites import sound_site

    new, old = sound_site(site)[0], sound_site(against)[0]
    whole = united(old, new)
    if files:
        readings = _of_files(files, whole)
    else:
        begin, end = flags.time_ms(from_, "--from"), flags.time_ms(to, "--to")
        if begin is None or end is None:
            raise ConfigError("backtest needs recordings, or --from and --to for the history")
        readings = _of_history(flags.history(data, dsn), begin, end, whole)
    if not len(readings):
        raise ConfigError("there are no readings of this site in that time")
    found = compare(run(old, new, readings.blocks()))
    changed = differences(old, new)
    if html is not None:
        from hazardwatch.backtest_page import page

        html.write_text(page(found, old, new, changed, readings.samples), encoding="utf-8")
    if json:
        print_json(comparison_object(found))
    else:
        _show(found, changed)


def _of_files(files: list[Path], whole: Site) -> Readings:
    from hazardwatch.readings_files import read_readings
    from hazardwatch.recorded_faults import Faults

    faults = Faults()
    readings = read_readings(files, whole, faults)
    faults.raise_if_any()
    for text in readings.warnings:
        typer.echo(f"warning: {text}", err=True)
    return readings


def _of_history(dsn: str, begin: int, end: int, whole: Site) -> Readings:
    from hazardwatch.readings_files import Readings
    from hazardwatch.recorded_columns import Columns
    from hazardwatch.recorded_faults import Faults
    from hazardwatch.recorded_rows import Row
    from historian.past import readings_between

    faults = Faults()
    columns = Columns(whole, faults)
    history = Path("history")
    for number, (received, home, point, time, value, quality, unit) in enumerate(readings_between(dsn, begin, end), 1):
        columns.add(history, Row(number, time, home, point, value, quality, received, unit))
    faults.raise_if_any()
    for text in columns.warnings():
        typer.echo(f"warning: {text}", err=True)
    return Readings(columns)


def _show(found: Comparison, changed: list[Any]) -> None:
    import msgspec

    show_differences(msgspec.to_builtins(changed))
    typer.echo()
    rows = [
        [
            one.alarm,
            str(one.before),
            str(one.after),
            _times(one.lost),
            _times(one.gained),
            ", ".join(f"{pair.earlier_s:+.0f} s" for pair in one.moved[:5]),
        ]
        for one in found.changes[:_SHOWN]
    ]
    if rows:
        head = ["alarm", "before", "after", "would not come", "would come too", "earlier by"]
        print_table(head, rows, ["red" if one.lost else "" for one in found.changes[:_SHOWN]])
        if len(found.changes) > _SHOWN:
            typer.echo(f"... and {len(found.changes) - _SHOWN} more alarms; --json and --html show all")
    else:
        typer.echo("no alarm would have come, gone or moved")
    typer.echo()
    print_table(["figure", "before", "after"], _figures(found.before, found.after))


def _times(spells: list[Spell]) -> str:
    from pipeline.outside import iso

    more = f" and {len(spells) - 2} more" if len(spells) > 2 else ""
    return ", ".join(iso(one.begin) for one in spells[:2]) + more


def _figures(before: Kpi, after: Kpi) -> list[list[str]]:
    def row(name: str, figure: Any) -> list[str]:
        return [name, figure(before), figure(after)]

    return [
        row("annunciations", lambda one: str(one.annunciations)),
        row("annunciations per 10 min", lambda one: f"{one.per_ten_min:.3f}"),
        row("most in 10 min", lambda one: str(one.peak_ten_min)),
        row("longest flood", lambda one: f"{one.longest_flood_s:.0f} s"),
        row("chattering alarms", lambda one: str(len(one.chattering))),
        row("fleeting alarms", lambda one: str(len(one.fleeting))),
    ]
