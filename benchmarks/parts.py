"""The processes a benchmark consists of: the service, generator, sink, Mosquitto, floors. Ends only what it started."""

from __future__ import annotations

import contextlib
import math
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import msgspec

from benchmarks.generator import Order, Sent
from benchmarks.processes import children, memory_mb
from benchmarks.sink import Got
from historian.private_files import OWNER, PrivateFiles, dsn_of

ROOT = Path(__file__).parent.parent
_COUNTER = re.compile(r'^hazardwatch_(\w+?)(?:_total)?\{hop="([\w-]+)"(?:,reason="(\w+)")?\} (\S+)$', re.MULTILINE)


def free_port() -> int:
    """A loopback port nobody listens at now."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port: int = door.getsockname()[1]
        return port


def module(name: str, *arguments: str, **options: object) -> subprocess.Popen[bytes]:
    """`python -m benchmarks.NAME`."""
    command = [sys.executable, "-m", f"benchmarks.{name}", *arguments]
    return subprocess.Popen(command, cwd=ROOT, **options)  # type: ignore[call-overload,no-any-return]  # Popen's own options


def open_at(port: int, within_s: float = 30) -> None:
    """Returns when somebody listens at the port."""
    end = time.monotonic() + within_s
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        if time.monotonic() > end:
            raise TimeoutError(f"nobody listens at port {port}")
        time.sleep(0.005)


class Service:
    """`hazardwatch run` on a site file, in its own process."""

    def __init__(self, site: Path, data: Path, *more: str, server: int | None = None) -> None:
        """`server`: process id of a PostgreSQL that was named to it in `more`, to be watched and left alone."""
        self.data = data
        self._server = server
        self.mqtt, self.http = free_port(), free_port()
        self._more = more
        self._site = site
        self._process: subprocess.Popen[bytes]

    def start(self) -> None:
        """Begin; returns at once."""
        command = [sys.executable, "-m", "hazardwatch", "run", str(self._site), "--data", str(self.data)]
        command += ["--listen", f"127.0.0.1:{self.mqtt}"] if "--mqtt" not in self._more else []
        command += ["--http", f"127.0.0.1:{self.http}", *self._more]
        with self.data.with_suffix(".output").open("ab") as output:
            self._process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output)

    @property
    def pid(self) -> int:
        """Of the service itself."""
        return self._process.pid

    def postgres(self) -> list[int]:
        """The server of the history and its children."""
        if self._server is not None:
            return [self._server, *children(self._server)]
        return self._private()

    def _private(self) -> list[int]:
        file = self.data / "postgres" / "data" / "postmaster.pid"
        if not file.exists():
            return []
        server = int(file.read_text(encoding="ascii").split("\n", 1)[0])
        return [server, *children(server)]

    def wait_ready(self, within_s: float = 120) -> None:
        """Returns when every role works."""
        end = time.monotonic() + within_s
        while not self._healthy():
            if time.monotonic() > end or self._process.poll() is not None:
                raise RuntimeError(f"the service is not ready:\n{self.data.with_suffix('.output').read_text()[-4000:]}")
            time.sleep(0.05)

    def _healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.http}/healthz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.HTTPError):
            return False

    def counters(self) -> dict[tuple[str, str], float]:
        """(hop, counter) -> value; refusals of all reasons are summed up."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.http}/metrics", timeout=30) as answer:
            text = answer.read().decode()
        found: dict[tuple[str, str], float] = {}
        for counter, hop, _, value in _COUNTER.findall(text):
            found[hop, counter] = found.get((hop, counter), 0) + float(value)
        return found

    def owner_dsn(self) -> str:
        """The private database, with the right to make tables."""
        files = PrivateFiles(self.data)
        return dsn_of(files, OWNER)

    def memory_mb(self) -> tuple[float, float]:
        """Resident now and at its highest."""
        return memory_mb(self.pid)

    def kill(self) -> None:
        """SIGKILL of the service; its database goes on by itself."""
        self._process.kill()
        self._process.wait(30)

    def stop(self) -> None:
        """SIGTERM, and if need be more."""
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(30)
        for pid in self._private()[:1]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGQUIT)


@contextlib.contextmanager
def service(site: Path, data: Path, *more: str, server: int | None = None) -> Iterator[Service]:
    """A service that is ready, and gone afterwards."""
    one = Service(site, data, *more, server=server)
    one.start()
    try:
        one.wait_ready()
        yield one
    finally:
        one.stop()


class Generating:
    """A generator at work."""

    def __init__(self, order: Order) -> None:
        self._process = module("generator", msgspec.json.encode(order).decode(), stdout=subprocess.PIPE)
        self.pid = self._process.pid

    def wait(self) -> Sent:
        """What it sent, when it is done."""
        out, _ = self._process.communicate(timeout=900)
        if self._process.returncode:
            raise RuntimeError("the generator failed (its words are above)")
        return msgspec.json.decode(out.splitlines()[-1], type=Sent)


class Sink:
    """A receiver of webhooks."""

    def __init__(self) -> None:
        self._process = module("sink", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())
        self.pid = self._process.pid
        self.url = f"http://127.0.0.1:{self.port}/hook"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait(30)

    def got(self) -> list[Got]:
        """Everything it received; it ends."""
        out, _ = self._process.communicate(timeout=30)
        return [msgspec.json.decode(line, type=Got) for line in out.splitlines()]


@contextlib.contextmanager
def mosquitto(folder: Path) -> Iterator[tuple[int, int]]:
    """A Mosquitto with benchmarks/mosquitto.conf; gives its port and process id."""
    port = free_port()
    text = (Path(__file__).parent / "mosquitto.conf").read_text(encoding="ascii")
    file = folder / "mosquitto.conf"
    file.write_text(f"{text}\nlistener {port} 127.0.0.1\n", encoding="ascii")
    process = subprocess.Popen(["/usr/sbin/mosquitto", "-c", str(file)], stdout=subprocess.DEVNULL)
    try:
        open_at(port)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(30)


class Sampler:
    """Reads a service's counters twice a second in a thread, so that steady rates and lags can be told."""

    def __init__(self, one: Service) -> None:
        self._service = one
        self._ended = threading.Event()
        self.samples: list[tuple[float, dict[tuple[str, str], float]]] = []
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._ended.is_set():
            counters = self._service.counters()
            self.samples.append((time.monotonic(), counters))
            self._ended.wait(1.0)

    def stop(self) -> None:
        """No more samples."""
        self._ended.set()
        self._thread.join(30)

    def rate(self, hop: str, counter: str, warm_s: float, until_s: float) -> float:
        """Items per second between two moments after the first sample."""
        begin = self.samples[0][0]
        chosen = [one for one in self.samples if warm_s <= one[0] - begin <= until_s]
        if len(chosen) < 2:  # a load that was over too soon
            return math.nan
        (first, low), (last, high) = chosen[0], chosen[-1]
        return (high.get((hop, counter), 0) - low.get((hop, counter), 0)) / (last - first)

    def highest(self, hop: str, counter: str) -> float:
        """The highest value seen."""
        return max(one.get((hop, counter), 0) for _, one in self.samples)
