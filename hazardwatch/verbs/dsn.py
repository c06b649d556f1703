"""`hazardwatch dsn`: how to read the history."""

from __future__ import annotations

import typer

from hazardwatch.options import DEFAULT_DATA
from hazardwatch.verbs import flags
from hazardwatch.verbs.output import print_json
from pipeline.errors import ConfigError


def dsn(data: flags.Data = DEFAULT_DATA, json: flags.Json = False) -> None:
    """A connection string for reading the history while the service runs, with psql or Grafana.

    For a database of your own (`run --dsn`) it holds no password: use PGPASSWORD or ~/.pgpass.

    Example: psql "$(hazardwatch dsn)" -c "select * from hazardwatch.alarm_events order by seq"
    """
    from hazardwatch.local_access import find

    found = find(data)
    if found.dsn is None:
        raise ConfigError(
            f"the service of {data} has no database up: it is still starting, or does not have the role historian"
        )
    if json:
        print_json({"dsn": found.dsn})
    else:
        typer.echo(found.dsn)
