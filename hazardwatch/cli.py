"""The program `hazardwatch`: the list of its verbs, and what becomes of an error. What a verb does is in verbs/."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup

from hazardwatch.errors_for_people import plain_words
from hazardwatch.verbs import (
    alarms,
    backtest,
    changes,
    check,
    commands,
    config,
    demo,
    dsn,
    explain,
    explain_config,
    init,
    kpi,
    points,
    presets,
    replay,
    run,
    schema,
    status,
    table,
    token,
    topics,
    warning,
)

NO = 1
"""Exit code: the answer is "no"."""
WRONG_USE = 2
"""Exit code: used wrongly, or what it needs is not there."""


class _Verbs(TyperGroup):
    """All verbs. Errors that the user can mend end here, as words on stderr."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except Exception as error:
            words = plain_words(error)
            if words is None:
                raise
            for text in words:
                typer.echo(text, err=True)
            raise typer.Exit(WRONG_USE) from None


app = typer.Typer(
    cls=_Verbs,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # plain help: half the time to start
    pretty_exceptions_enable=False,
    help=(
        "hazardwatch watches plants where a missed warning kills people. It stands beside control and safety "
        "systems (DCS, gas detection, SIS) and replaces none of them.\n\n"
        "Try first: hazardwatch demo"
    ),
)
app.command("demo", short_help="A simulated tank farm with everything running.")(demo.demo)
app.command("init", short_help="A new site file, from a few answers and an I/O list.")(init.init)
app.command("check", short_help="Every fault of a site file at once.")(check.check)
app.command("presets", short_help="Ready-made alarms, every number with its source.")(presets.presets)
app.command("schema", short_help="The JSON Schema of a site file, for editors.")(schema.schema)
app.command("run", short_help="The service.")(run.run)
app.command("status", short_help="What went through each hop; which parts are alive.")(status.status)
app.command("alarms", short_help="The alarms that stand.")(alarms.alarms)
app.command("points", short_help="The points of a site file or a service.")(points.points)
app.command("warnings", short_help="The graded warnings that stand.")(warning.warnings)
app.add_typer(warning.warning, name="warning", short_help="Say what you know of a graded warning.")
app.command("ack", short_help="Acknowledge an alarm.")(commands.ack)
app.command("reset", short_help="Reset a latched alarm.")(commands.reset)
app.command("shelve", short_help="Shelve an alarm for a time.")(commands.shelve)
app.command("unshelve", short_help="End a shelf before its time.")(commands.unshelve)
app.command("out-of-service", short_help="Take an alarm out of service for a time.")(commands.out_of_service)
app.command("in-service", short_help="Put an alarm or a point back into service.")(commands.in_service)
app.command("bypass", short_help="Take all alarms of a point out of service for a time.")(commands.bypass)
app.command("mode", short_help="Set the mode of an equipment.")(commands.mode)
app.command("dsn", short_help="A connection string for the history.")(dsn.dsn)
app.command("replay", short_help="Recorded readings through the very same engine.")(replay.replay)
app.command("apply", short_help="Put a site file in force in a running service.")(changes.apply)
app.command("approve", short_help="Approve a change that somebody else proposed.")(changes.approve)
app.command("reject", short_help="Reject a change, or end an emergency override.")(changes.reject)
app.command("backtest", short_help="What another configuration would have done.")(backtest.backtest)
app.command("explain", short_help="Why an alarm is in its state.")(explain.explain)
app.command("explain-config", short_help="Where each attribute of an alarm comes from.")(explain_config.explain_config)
app.command("kpi", short_help="The ISA-18.2 figures of the alarms.")(kpi.kpi)
app.add_typer(table.app, name="table", short_help="An I/O list becomes a site file.")
app.add_typer(config.app, name="config", short_help="The configuration in force: show, history, diff.")
app.command("topics", short_help="The topics of a site in Kafka: checked and made.")(topics.topics)
app.add_typer(token.app, name="token", short_help="Tokens for the HTTP interface.")


def main() -> None:
    """The entry point."""
    app(prog_name="hazardwatch")
