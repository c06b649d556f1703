"""`hazardwatch dsn`: how to read the history."""

from __future__ import annotations

import typer

from hazardwatch.options import DEFAULT_DATA
from hazardwatch.verbs import flags
from hazardwatch.verbs.output import print_json
from pipeline.errors import ConfigError


def dsn(data: flags.Data = DEFAULT_DATA, json: flags.Json = False) -> None:
    """A connection string for reading the history while the service runs, with psql or Grafana.

    Example: psql "$(hazardwatch dsn)" -c "select * from hazardwatch.alarm_events order by seq"
    """
    from hazardwatch.local_access import find

    found = find(data)
    if found.dsn is None:
        raise ConfigError(f"the service of {data} keeps no history here: its roles do not include historian")
    if json:
        print_json({"dsn": found.dsn})
    else:
        typer.echo(found.dsn)
