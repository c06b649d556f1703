"""`hazardwatch kpi`: how well the alarms serve the people who answer them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hazardwatch.options import DEFAULT_DATA
from hazardwatch.verbs import flags
from hazardwatch.verbs.output import print_json, print_table
from pipeline.errors import ConfigError

if TYPE_CHECKING:
    from hazardwatch.kpi import Kpi
    from pipeline.model import Event

_TARGETS = {"low": "80 %", "medium": "80 %", "high": "15 %", "critical": "5 %"}


def kpi(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FILE]...", help="Events of a replay (JSON lines), instead of the history."),
    ] = None,
    from_: flags.FromTime = None,
    to: flags.ToTime = None,
    installation: Annotated[str | None, typer.Option(metavar="ID", help="Only this installation.")] = None,
    data: flags.Data = DEFAULT_DATA,
    dsn: flags.Dsn = None,
    json: flags.Json = False,
) -> None:
    """The ISA-18.2 figures: rates, peaks, floods, bad actors by name, stale and chattering alarms, time to acknowledge.

    Out of the history of a service (--data or --dsn), or of a replay's events.

    Example: hazardwatch kpi --from 2026-11-01T00:00:00+08:00 --to 2026-12-01T00:00:00+08:00
    """
    from hazardwatch.kpi import kpi as figures
    from hazardwatch.kpi import object_of

    begin, end = flags.time_ms(from_, "--from"), flags.time_ms(to, "--to")
    if files:
        events = _of_files(files, installation)
        if not events and (begin is None or end is None):
            raise ConfigError("there are no events: give --from and --to")
        begin = events[0].time if begin is None else begin
        end = events[-1].time + 1 if end is None else end
    else:
        from pipeline.clock import now_ms

        if begin is None:
            raise typer.BadParameter("say from when", param_hint="--from")
        end = now_ms() if end is None else end
        events = _of_history(flags.history(data, dsn), begin, end, installation)
    if end <= begin:
        raise typer.BadParameter("it is not later than --from", param_hint="--to")
    found = figures(events, begin, end)
    if json:
        print_json(object_of(found))
    else:
        _show(found)


def _of_files(files: list[Path], installation: str | None) -> list[Event]:
    from hazardwatch.events_files import read_events

    wanted = None if installation is None else installation + "/"
    events = [one for one in read_events(files) if wanted is None or one.alarm.startswith(wanted)]
    return sorted(events, key=lambda one: one.time)


def _of_history(dsn: str, begin: int, end: int, installation: str | None) -> list[Event]:
    from historian.past import events_between

    return events_between(dsn, begin, end, installation)


def _show(found: Kpi) -> None:
    from hazardwatch.kpi import word
    from pipeline.outside import iso

    note = word(found)
    if note:
        typer.echo(f"note: {note}", err=True)
    peak = "" if found.peak_ten_min_at is None else f" at {iso(found.peak_ten_min_at)}"
    rows = [
        ["annunciations", str(found.annunciations), ""],
        ["per day", f"{found.per_day:.1f}", "about 144; at most 288"],
        ["per hour", f"{found.per_hour:.2f}", "about 6; at most 12"],
        ["per 10 min", f"{found.per_ten_min:.3f}", "about 1; at most 2"],
        ["most in 10 min", f"{found.peak_ten_min}{peak}", "at most 10"],
        ["10 min periods above 10", _percent(found.share_ten_min_above_10), "below 1 %"],
        ["hours above 30", _percent(found.share_hours_above_30), "below 1 %"],
        ["time in flood", f"{_percent(found.share_in_flood)} in {len(found.floods)} floods", "below 1 %"],
        ["longest flood", f"{found.longest_flood_s:.0f} s", ""],
        ["share of the ten worst", _percent(found.top_ten_share), "below 1 to 5 %"],
        ["chattering alarms", str(len(found.chattering)), "0"],
        ["fleeting alarms", str(len(found.fleeting)), "0"],
        ["stale (on for more than 24 h)", str(len(found.stale)), "below 5 on any day"],
        ["standing at the end", str(len(found.standing)), "below 10"],
        ["acknowledged", _waits(found), ""],
    ]
    print_table(["figure", "found", "target"], rows)
    _worst(found)
    _mix(found)
    for title, events in (("standing", found.standing), ("hidden", found.hidden)):
        for one in events:
            typer.echo(
                f"{title}: {one.alarm} {one.state} since {iso(one.time)} {one.actor or ''} {one.note or ''}".rstrip()
            )


def _waits(found: Kpi) -> str:
    if found.ack_median_s is None:
        return "none"
    return f"{found.acknowledged}: half within {found.ack_median_s:.0f} s, 9 of 10 within {found.ack_p90_s:.0f} s"


def _worst(found: Kpi) -> None:
    rows = [
        [
            alarm,
            str(count),
            _percent(count / found.annunciations),
            str(found.chattering.get(alarm, "")),
            str(found.fleeting.get(alarm, "")),
        ]
        for alarm, count in list(found.by_alarm.items())[:10]
    ]
    if rows:
        typer.echo()
        print_table(["bad actors", "annunciations", "share", "chattered", "fleeting"], rows)


def _mix(found: Kpi) -> None:
    rows = [
        [name, str(count), _percent(count / found.annunciations), _TARGETS.get(name, "")]
        for name, count in found.by_priority.items()
    ]
    if rows:
        typer.echo()
        print_table(["priority", "annunciations", "share", "target"], rows)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
