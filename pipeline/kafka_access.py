"""Where Kafka is, as whom, and how that is kept secret. Opens no connection."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.errors import ConfigError

USER = "HAZARDWATCH_KAFKA_USER"
PASSWORD = "HAZARDWATCH_KAFKA_PASSWORD"  # noqa: S105  # the name of a variable
PASSWORD_FILE = "HAZARDWATCH_KAFKA_PASSWORD_FILE"  # noqa: S105  # the name of a variable
MECHANISM = "HAZARDWATCH_KAFKA_MECHANISM"
MECHANISMS = ("SCRAM-SHA-512", "SCRAM-SHA-256")
_EXAMPLE = "such as kafka-1.plant:9092,kafka-2.plant:9092"


@dataclass(frozen=True, slots=True)
class KafkaAccess:
    """The brokers to ask first, `HOST:PORT` each. Printing it shows no password.

    With a user it is SASL_SSL: a password never travels in clear. Without one, `tls` decides.
    """

    brokers: tuple[str, ...]
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    mechanism: str = MECHANISMS[0]
    tls: ssl.SSLContext | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return ",".join(self.brokers)

    def settings(self) -> dict[str, Any]:
        """As aiokafka's clients take it."""
        given: dict[str, Any] = {"bootstrap_servers": list(self.brokers)}
        if self.user is not None:
            given |= {
                "security_protocol": "SASL_SSL",
                "sasl_mechanism": self.mechanism,
                "sasl_plain_username": self.user,
                "sasl_plain_password": self.password,
                "ssl_context": self.tls,
            }
        elif self.tls is not None:
            given |= {"security_protocol": "SSL", "ssl_context": self.tls}
        return given


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """PEM files: the authority to trust beside the system's, and our own certificate with its key."""

    authority: Path | None = None
    certificate: Path | None = None
    key: Path | None = None


def kafka_of(brokers: str, environment: Mapping[str, str], files: TlsFiles = TlsFiles()) -> KafkaAccess:
    """`HOST:PORT,...`, the user and password of HAZARDWATCH_KAFKA_USER and _PASSWORD (or _PASSWORD_FILE).

    Raises ConfigError naming every fault, which never quotes a password.
    """
    faults: list[str] = []
    addresses = _addresses(brokers, faults)
    user = environment.get(USER) or None
    password = _password(environment, faults)
    mechanism = environment.get(MECHANISM, MECHANISMS[0])
    if mechanism not in MECHANISMS:
        faults.append(f"{MECHANISM} is to be one of {', '.join(MECHANISMS)}, not {mechanism!r}")
    if user is None and password is not None:
        faults.append(f"there is a Kafka password but no {USER}")
    if user is not None and password is None:
        faults.append(f"there is a {USER} but neither {PASSWORD} nor {PASSWORD_FILE}")
    tls = _tls(files, faults) if user is not None or any((files.authority, files.certificate, files.key)) else None
    if faults:
        raise ConfigError("\n".join(faults))
    return KafkaAccess(addresses, user, password, mechanism, tls)


def _addresses(text: str, faults: list[str]) -> tuple[str, ...]:
    found = tuple(one.strip() for one in text.split(","))
    for one in found:
        host, colon, port = one.rpartition(":")
        if not colon or not host or not port.isascii() or not port.isdigit() or not 0 < int(port) <= 65_535:
            faults.append(f"--kafka: {one!r} is no HOST:PORT {_EXAMPLE}")
    return found


def _password(environment: Mapping[str, str], faults: list[str]) -> str | None:
    path = environment.get(PASSWORD_FILE)
    if path is None:
        return environment.get(PASSWORD) or None
    try:
        return Path(path).read_text(encoding="utf-8").rstrip("\n")
    except (OSError, UnicodeDecodeError) as error:
        faults.append(f"{PASSWORD_FILE} names {path}, which cannot be read: {type(error).__name__}")
        return ""


def _tls(files: TlsFiles, faults: list[str]) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if files.authority is not None:
        try:
            context.load_verify_locations(files.authority)
        except (OSError, ssl.SSLError) as error:
            faults.append(f"--kafka-ca: {files.authority} is no certificate authority: {error}")
    if (files.certificate is None) != (files.key is None):
        faults.append("--kafka-cert and --kafka-key belong together: give both or neither")
    elif files.certificate is not None:
        try:
            context.load_cert_chain(files.certificate, files.key)
        except (OSError, ssl.SSLError) as error:
            faults.append(f"--kafka-cert and --kafka-key: {files.certificate} and {files.key} do not serve: {error}")
    return context
