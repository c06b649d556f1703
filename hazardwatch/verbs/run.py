"""`hazardwatch run`: the service."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hazardwatch.ending import Ending
from hazardwatch.options import DEFAULT_DATA, DEFAULT_HTTP, DEFAULT_LISTEN, ROLES, Flags, options
from hazardwatch.verbs import flags

Mqtt = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        envvar="HAZARDWATCH_MQTT",
        help="Subscribe at a broker: mqtt://HOST:PORT or mqtts://USER:PASSWORD@HOST:PORT (that in the environment).",
    ),
]
MqttCa = Annotated[
    Path | None,
    typer.Option(metavar="FILE", envvar="HAZARDWATCH_MQTT_CA", help="Certificate authority to trust at the broker."),
]
MqttCert = Annotated[
    Path | None,
    typer.Option(metavar="FILE", envvar="HAZARDWATCH_MQTT_CERT", help="Our own certificate (PEM) for the broker."),
]
MqttKey = Annotated[
    Path | None, typer.Option(metavar="FILE", envvar="HAZARDWATCH_MQTT_KEY", help="Its private key (PEM).")
]
ClientCa = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        envvar="HAZARDWATCH_CLIENT_CA",
        help="Devices at the MQTT endpoint must show a certificate of this authority; its common name is their user.",
    ),
]
Listen = Annotated[
    str | None,
    typer.Option(
        metavar="HOST:PORT",
        envvar="HAZARDWATCH_LISTEN",
        help=f"Open an MQTT endpoint for devices that publish here. Without --mqtt and --listen: {DEFAULT_LISTEN}.",
    ),
]
Passwords = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        envvar="HAZARDWATCH_PASSWORDS",
        help="Users of the MQTT endpoint, with hashed passwords and the topics each may publish to; "
        "`python -m ingest.passwords NAME TOPIC...` makes a line of it.",
    ),
]
TlsCert = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", envvar="HAZARDWATCH_TLS_CERT", help="Certificate chain (PEM) of the MQTT endpoint and of HTTP."
    ),
]
TlsKey = Annotated[
    Path | None, typer.Option(metavar="FILE", envvar="HAZARDWATCH_TLS_KEY", help="Its private key (PEM).")
]
Dsn = Annotated[
    str | None,
    typer.Option(
        metavar="DSN",
        envvar="HAZARDWATCH_DSN",
        help="The database of the history. Without it: a private PostgreSQL in the data folder.",
    ),
]
Http = Annotated[str, typer.Option(metavar="HOST:PORT", envvar="HAZARDWATCH_HTTP", help="Where the API answers.")]
Role = Annotated[
    str | None,
    typer.Option(metavar="NAME,...", envvar="HAZARDWATCH_ROLE", help=f"Only these of {', '.join(ROLES)}; else all."),
]


def run(
    site: flags.SiteFile,
    data: flags.Data = DEFAULT_DATA,
    mqtt: Mqtt = None,
    mqtt_ca: MqttCa = None,
    mqtt_cert: MqttCert = None,
    mqtt_key: MqttKey = None,
    listen: Listen = None,
    passwords: Passwords = None,
    tls_cert: TlsCert = None,
    tls_key: TlsKey = None,
    client_ca: ClientCa = None,
    kafka: flags.Kafka = None,
    kafka_ca: flags.KafkaCa = None,
    kafka_cert: flags.KafkaCert = None,
    kafka_key: flags.KafkaKey = None,
    dsn: Dsn = None,
    http: Http = DEFAULT_HTTP,
    role: Role = None,
) -> None:
    """The service: readings in, alarms judged, people told, history kept. Ctrl-C or SIGTERM ends it cleanly.

    Each flag has an environment twin, shown behind it.

    Example: hazardwatch run plant.yaml --data /var/lib/hazardwatch --listen 0.0.0.0:1883 --passwords users.txt
    """
    ending = Ending()
    ending.note()
    asked = options(
        Flags(
            site=site,
            data=data,
            listen=listen,
            mqtt=mqtt,
            mqtt_ca=mqtt_ca,
            mqtt_cert=mqtt_cert,
            mqtt_key=mqtt_key,
            kafka=kafka,
            kafka_ca=kafka_ca,
            kafka_cert=kafka_cert,
            kafka_key=kafka_key,
            dsn=dsn,
            http=http,
            roles=role,
            tls_cert=tls_cert,
            tls_key=tls_key,
            client_ca=client_ca,
            passwords=passwords,
        )
    )
    for text in asked.warnings():
        typer.echo(f"warning: {text}", err=True)
    import asyncio

    from hazardwatch.program_log import to_stderr
    from hazardwatch.service import serve

    to_stderr()
    try:
        asyncio.run(serve(asked, ending))
    except (KeyboardInterrupt, asyncio.CancelledError):
        typer.echo("ended", err=True)
