"""Real programs that tests need: found, or the test is skipped with a clear word.

With HAZARDWATCH_REQUIRE_SERVICES=1 (where everything is to be there) a missing one is a failure.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ROOT / ".devstack" / "npm"


def missing(what: str) -> NoReturn:
    """The test cannot be done here."""
    if os.environ.get("HAZARDWATCH_REQUIRE_SERVICES") == "1":
        pytest.fail(f"{what}, and HAZARDWATCH_REQUIRE_SERVICES=1 says it must be there")
    pytest.skip(what)


def program(name: str, package: str) -> str:
    """The path of a program; `package` is what to install."""
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    return found or missing(f"{name} is not installed (package {package})")


def npm_package(name: str, version: str) -> Path:
    """The folder to run node in, with that package installed into an ignored folder."""
    node = program("node", "nodejs")
    npm = program("npm", "npm")
    folder = PACKAGES / f"{name}-{version}"
    if not (folder / "node_modules" / name).is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        command = [npm, "install", "--no-audit", "--no-fund", "--prefix", str(folder), f"{name}@{version}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
        if done.returncode:
            missing(f"npm could not install {name} ({done.stderr.strip().splitlines()[-1:]})")
    assert node
    return folder


def free_port() -> int:
    """A port nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def process(command: Sequence[str], port: int) -> Iterator[subprocess.Popen[str]]:
    """A server as a child process, once it answers on `port`; ended afterwards."""
    with tempfile.TemporaryFile("w+") as said:
        child = subprocess.Popen(command, stdout=said, stderr=said, text=True)
        try:
            deadline = time.monotonic() + 15
            while not _answers(port):
                if child.poll() is not None or time.monotonic() > deadline:
                    said.seek(0)
                    pytest.fail(f"{command[0]} did not start: {said.read()[-2000:]}")
                time.sleep(0.02)
            yield child
        finally:
            child.terminate()
            child.wait(15)


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@contextmanager
def mosquitto(folder: Path, port: int, *lines: str) -> Iterator[subprocess.Popen[str]]:
    """A real Mosquitto on `port`, without the limits that lose messages; `lines` go into its configuration."""
    configuration = folder / "mosquitto.conf"
    base = [f"listener {port} 127.0.0.1", "max_inflight_messages 0", "max_queued_messages 0", "persistence false"]
    given = (
        list(lines) if any(line.startswith("allow_anonymous") for line in lines) else ["allow_anonymous true", *lines]
    )
    configuration.write_text("\n".join([*base, *given]) + "\n")
    with process([program("mosquitto", "mosquitto"), "-c", str(configuration)], port) as child:
        yield child
