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
