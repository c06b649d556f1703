"""Flags that several verbs share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

SiteFile = Annotated[Path, typer.Argument(metavar="SITE", help="The site file (YAML).")]
Data = Annotated[
    Path,
    typer.Option("--data", metavar="DIR", envvar="HAZARDWATCH_DATA", help="The data folder of the service."),
]
Url = Annotated[
    str | None,
    typer.Option(
        "--url",
        metavar="URL",
        envvar="HAZARDWATCH_URL",
        help="A service elsewhere, instead of --data; the token comes from HAZARDWATCH_TOKEN or --token-file.",
    ),
]
TokenFile = Annotated[
    Path | None,
    typer.Option("--token-file", metavar="FILE", envvar="HAZARDWATCH_TOKEN_FILE", help="Holds the token for --url."),
]
Json = Annotated[bool, typer.Option("--json", help="Print data as JSON, for programs.")]
By = Annotated[
    str | None,
    typer.Option("--by", metavar="PERSON", help="Who does it: the id of a person of the site file."),
]
Note = Annotated[str | None, typer.Option("--note", metavar="TEXT", help="Why; kept with the event.")]
For = Annotated[str, typer.Option("--for", metavar="TIME", help="How long: 30min, 8h, 2d.")]
AlarmId = Annotated[str, typer.Argument(metavar="ALARM", help="The alarm id: INSTALLATION/POINT/NAME.")]
FromTime = Annotated[
    str | None, typer.Option("--from", metavar="TIME", help="From when (ISO 8601 with zone, or epoch ms).")
]
ToTime = Annotated[str | None, typer.Option("--to", metavar="TIME", help="Until when.")]
Dsn = Annotated[
    str | None,
    typer.Option(metavar="DSN", envvar="HAZARDWATCH_DSN", help="The history, instead of that of --data's service."),
]


def time_ms(text: str | None, flag: str) -> int | None:
    """A time as typed. Raises typer.BadParameter."""
    if text is None:
        return None
    from hazardwatch.recorded_fields import time_ms as read

    try:
        return read(int(text) if text.isdigit() else text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not {error}", param_hint=flag) from None


def history(data: Path, dsn: str | None) -> str:
    """A connection string for the history. Raises ConfigError when the service of `data` has none up."""
    if dsn is not None:
        return dsn
    from hazardwatch.local_access import find
    from pipeline.errors import ConfigError

    found = find(data)
    if found.dsn is None:
        raise ConfigError(f"the service of {data} has no database up: give --dsn")
    return found.dsn


Kafka = Annotated[
    str | None,
    typer.Option(
        "--kafka",
        metavar="HOST:PORT,...",
        envvar="HAZARDWATCH_KAFKA",
        help="Kafka keeps the log; brokers to ask first. User and password: HAZARDWATCH_KAFKA_USER and "
        "HAZARDWATCH_KAFKA_PASSWORD (or _PASSWORD_FILE).",
    ),
]
KafkaCa = Annotated[
    Path | None,
    typer.Option(
        "--kafka-ca", metavar="FILE", envvar="HAZARDWATCH_KAFKA_CA", help="Certificate authority to trust at Kafka."
    ),
]
KafkaCert = Annotated[
    Path | None,
    typer.Option(
        "--kafka-cert", metavar="FILE", envvar="HAZARDWATCH_KAFKA_CERT", help="Our own certificate for Kafka (PEM)."
    ),
]
KafkaKey = Annotated[
    Path | None,
    typer.Option("--kafka-key", metavar="FILE", envvar="HAZARDWATCH_KAFKA_KEY", help="Its private key (PEM)."),
]


@dataclass(frozen=True, slots=True)
class Service:
    """Which service is meant, as the flags say it."""

    data: Path
    url: str | None
    token_file: Path | None
