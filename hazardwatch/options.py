"""What `run` was asked for: flags and environment twins, checked all at once before anything starts."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from ingest.broker import TlsFiles as MqttFiles
from pipeline.errors import ConfigError
from pipeline.kafka_access import TlsFiles, kafka_of

ROLES = ("collector", "engine", "historian", "notifier", "api")
DEFAULT_DATA = Path("hazardwatch-data")
LOG = "log"
"""The local log's folder inside the data folder."""
DEFAULT_LISTEN = "127.0.0.1:1883"
DEFAULT_HTTP = "127.0.0.1:8787"
_LOOPBACK = ("127.", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Address:
    """HOST:PORT; port 0 lets the system choose."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def loopback(self) -> bool:
        """Only programs of this machine can reach it."""
        return self.host.startswith(_LOOPBACK)

    @classmethod
    def parse(cls, text: str) -> Address:
        """Raises ValueError with what was expected."""
        host, colon, port = text.rpartition(":")
        host = host.removeprefix("[").removesuffix("]")
        if not colon or not host or not port.isascii() or not port.isdigit() or int(port) > 65_535:
            raise ValueError(f"{text!r} is no HOST:PORT such as 127.0.0.1:1883 or [::1]:1883")
        return cls(host, int(port))


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Everything `run` needs to know besides the site file. What may hold a password is left out of `repr`.

    `listen` is None when only a broker is used; `kafka` None means the local log under `data`; `dsn` None means the
    private PostgreSQL there. The certificate and key serve the MQTT listener and HTTP alike; `passwords` is the
    listener's file of users, `client_ca` the authority of its clients' certificates.
    """

    site: Path
    data: Path = DEFAULT_DATA
    listen: Address | None = None
    mqtt: str | None = field(default=None, repr=False)
    mqtt_files: MqttFiles = field(default_factory=MqttFiles)
    kafka: str | None = None
    kafka_files: TlsFiles = field(default_factory=TlsFiles)
    dsn: str | None = field(default=None, repr=False)
    http: Address = Address("127.0.0.1", 8787)
    roles: frozenset[str] = frozenset(ROLES)
    tls_cert: Path | None = None
    tls_key: Path | None = None
    client_ca: Path | None = None
    passwords: Path | None = None

    @property
    def alone(self) -> bool:
        """Whether the log is this process's own, so that no other can run a role."""
        return self.kafka is None

    @property
    def log_folder(self) -> Path:
        """Where the local log lives."""
        return self.data / LOG

    def warnings(self) -> tuple[str, ...]:
        """What is allowed, but the person who starts it should know."""
        found = []
        if self.listen and not self.listen.loopback:
            if self.client_ca and not self.passwords:
                found.append(f"any certificate of {self.client_ca} can publish all readings: give --passwords FILE")
            elif not self.passwords:
                found.append(f"anybody who reaches {self.listen} can publish readings: give --passwords FILE")
            if not self.tls_cert:
                found.append(f"readings and passwords reach {self.listen} in clear: give --tls-cert and --tls-key")
        if "api" in self.roles and not self.http.loopback and not self.tls_cert:
            found.append(
                f"tokens reach {self.http} in clear: give --tls-cert and --tls-key, or a proxy that speaks TLS"
            )
        return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flags:
    """The flags as typed."""

    site: Path
    data: Path = DEFAULT_DATA
    listen: str | None = None
    mqtt: str | None = None
    mqtt_ca: Path | None = None
    mqtt_cert: Path | None = None
    mqtt_key: Path | None = None
    kafka: str | None = None
    kafka_ca: Path | None = None
    kafka_cert: Path | None = None
    kafka_key: Path | None = None
    dsn: str | None = None
    http: str = DEFAULT_HTTP
    roles: str | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None
    client_ca: Path | None = None
    passwords: Path | None = None


def options(flags: Flags) -> Options:
    """The flags, checked. Raises ConfigError naming every fault at once."""
    faults: list[str] = []
    listen = flags.listen if flags.listen or flags.mqtt else DEFAULT_LISTEN
    kafka_files = TlsFiles(flags.kafka_ca, flags.kafka_cert, flags.kafka_key)
    if flags.kafka:
        faults.extend(_kafka_faults(flags.kafka, kafka_files))
    if flags.mqtt:
        faults.extend(_mqtt_faults(flags.mqtt))
    if (flags.tls_cert is None) != (flags.tls_key is None):
        faults.append("--tls-cert and --tls-key belong together: give both or neither")
    if flags.client_ca is not None and flags.tls_cert is None:
        faults.append("--client-ca needs --tls-cert and --tls-key: without TLS no client shows a certificate")
    for name in ("tls_cert", "tls_key", "client_ca", "passwords", "mqtt_ca", "mqtt_cert", "mqtt_key"):
        file: Path | None = getattr(flags, name)
        if file is not None and not file.is_file():
            faults.append(f"--{name.replace('_', '-')}: there is no file {file}")
    made = Options(
        site=flags.site,
        data=flags.data,
        listen=_address("--listen", listen, faults) if listen else None,
        mqtt=flags.mqtt,
        mqtt_files=MqttFiles(flags.mqtt_ca, flags.mqtt_cert, flags.mqtt_key),
        kafka=flags.kafka,
        kafka_files=kafka_files,
        dsn=flags.dsn,
        http=_address("--http", flags.http, faults),
        roles=_roles(flags.roles, faults),
        tls_cert=flags.tls_cert,
        tls_key=flags.tls_key,
        client_ca=flags.client_ca,
        passwords=flags.passwords,
    )
    if faults:
        raise ConfigError("\n".join(faults))
    return made


def _address(flag: str, text: str, faults: list[str]) -> Address:
    try:
        return Address.parse(text)
    except ValueError as error:
        faults.append(f"{flag}: {error}")
        return Address("", 0)


def _roles(text: str | None, faults: list[str]) -> frozenset[str]:
    if text is None:
        return frozenset(ROLES)
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in ROLES:
            near = difflib.get_close_matches(name, ROLES, 1)
            hint = f" (did you mean {near[0]}?)" if near else ""
            faults.append(f"--role: {name!r} is none of {', '.join(ROLES)}{hint}")
    if not names:
        faults.append(f"--role: name at least one of {', '.join(ROLES)}")
    return frozenset(names)


def _mqtt_faults(url: str) -> list[str]:
    example = "such as mqtt://broker.plant:1883 or mqtts://user:password@broker.plant:8883"
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("mqtt", "mqtts") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:  # a port that is no number
        good = False
    return [] if good else [f"--mqtt: expected a broker's URL {example}"]


def _kafka_faults(brokers: str, files: TlsFiles) -> list[str]:
    """Without the user and password, which come from the environment when the log is opened."""
    try:
        kafka_of(brokers, {}, files)
    except ConfigError as error:
        return str(error).splitlines()
    return []
