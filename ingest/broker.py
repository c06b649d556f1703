"""Which broker, as whom, and how that is kept secret. Opens no connection."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pipeline.errors import ConfigError

PASSWORD = "HAZARDWATCH_MQTT_PASSWORD"  # noqa: S105  # the name of a variable
PASSWORD_FILE = "HAZARDWATCH_MQTT_PASSWORD_FILE"  # noqa: S105  # the name of a variable
CA_FILE = "HAZARDWATCH_MQTT_CA"
CERT_FILE = "HAZARDWATCH_MQTT_CERT"
KEY_FILE = "HAZARDWATCH_MQTT_KEY"
_PORTS = {"mqtt": 1883, "mqtts": 8883}
_ALERTS = {
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": "a client without a certificate",
    "SSLV3_ALERT_HANDSHAKE_FAILURE": "a client without a certificate, or speaks no TLS that we speak",
    "TLSV1_ALERT_UNKNOWN_CA": "our certificate: it does not know its authority",
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": "our certificate: it has expired",
    "SSLV3_ALERT_CERTIFICATE_REVOKED": "our certificate: it is revoked",
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": "our certificate",
    "SSLV3_ALERT_BAD_CERTIFICATE": "our certificate",
}
"""What the other side says when it shuts the door in a TLS handshake."""


@dataclass(frozen=True, slots=True)
class Broker:
    """Printing it shows no password."""

    host: str
    port: int
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: ssl.SSLContext | None = None

    def __str__(self) -> str:
        return f"{'mqtts' if self.tls else 'mqtt'}://{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """An authority to trust beside the system's; our own certificate and its key. Else the environment names them."""

    authority: Path | None = None
    certificate: Path | None = None
    key: Path | None = None


def broker_of(url: str, environment: Mapping[str, str], files: TlsFiles = TlsFiles()) -> Broker:
    """mqtt://[user@]host[:port], or mqtts:// for TLS. Raises ConfigError, which never quotes a password.

    The password comes from HAZARDWATCH_MQTT_PASSWORD or the file HAZARDWATCH_MQTT_PASSWORD_FILE names (or the
    URL); files that are not given from HAZARDWATCH_MQTT_CA, HAZARDWATCH_MQTT_CERT and HAZARDWATCH_MQTT_KEY.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ConfigError("the broker's port is to be a number from 1 to 65535") from None
    if parts.scheme not in _PORTS or not parts.hostname or parts.path not in ("", "/") or parts.query:
        raise ConfigError(f"the broker is to be given as mqtt://[user@]host[:port] or mqtts://..., not {parts.scheme}:")
    password = _password(environment)
    if password is None and parts.password is not None:
        password = unquote(parts.password)
    user = unquote(parts.username) if parts.username else None
    if password is not None and user is None:
        raise ConfigError("there is a broker password but no user in the broker's URL")
    tls = None
    given = [
        str(file) if file else environment.get(name)
        for file, name in ((files.authority, CA_FILE), (files.certificate, CERT_FILE), (files.key, KEY_FILE))
    ]
    if parts.scheme == "mqtts":
        tls = _trust(given[0])
        _show(tls, given[1], given[2])
    elif any(given):
        raise ConfigError(
            "a certificate or an authority for the broker is given, but its URL does not begin with mqtts://"
        )
    return Broker(parts.hostname, port or _PORTS[parts.scheme], user, password, tls)


def plain_words(error: Exception) -> str:
    """What a refused connection means, without the library's decoration."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is refused: {error.verify_message}"
    if isinstance(error, ssl.SSLError) and error.reason in _ALERTS:
        return f"it refuses {_ALERTS[error.reason]}"
    return str(error)


def _password(environment: Mapping[str, str]) -> str | None:
    path = environment.get(PASSWORD_FILE)
    if path is None:
        return environment.get(PASSWORD)
    try:
        return Path(path).read_text(encoding="utf-8").rstrip("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{PASSWORD_FILE} names {path}, which cannot be read: {type(error).__name__}") from error


def _trust(authority: str | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if authority is not None:
        try:
            context.load_verify_locations(authority)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(f"--mqtt-ca or {CA_FILE}: {authority} is no certificate authority: {error}") from error
    return context


def _show(context: ssl.SSLContext, certificate: str | None, key: str | None) -> None:
    if (certificate is None) != (key is None):
        raise ConfigError("--mqtt-cert and --mqtt-key belong together: give both or neither")
    if certificate is not None:
        try:
            context.load_cert_chain(certificate, key)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(f"--mqtt-cert {certificate} or its key {key} cannot be used: {error}") from error
