"""The same stack by a Docker engine and deploy/compose, where there is one. Starts no process of its own."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from deploy.devstack.base import ROOT

FILES = ROOT / "deploy" / "compose"


def available() -> bool:
    """An engine answers, and the client has compose."""
    if shutil.which("docker") is None:
        return False
    return all(
        subprocess.run(["docker", *command], capture_output=True, check=False).returncode == 0
        for command in (["info"], ["compose", "version"])
    )


def up(brokers: int, ports: Mapping[str, int], secrets: Path) -> None:
    """Start the servers and wait until they are healthy; `secrets` is the folder with the file `database`."""
    _compose(brokers, ["up", "-d", "--wait"], ports, secrets)


def down(brokers: int, ports: Mapping[str, int], secrets: Path) -> None:
    """End them; their data stay in Docker's volumes."""
    _compose(brokers, ["down"], ports, secrets)


def command(brokers: int, verb: list[str]) -> list[str]:
    """The command line; the project's name is this checkout's own."""
    project = f"hazardwatch-devstack-{hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]}"
    files = [FILES / "servers.yaml", FILES / f"kafka-{brokers}.yaml"]
    return ["docker", "compose", "-p", project, *[part for file in files for part in ("-f", str(file))], *verb]


def environment(ports: Mapping[str, int], secrets: Path) -> dict[str, str]:
    """What the compose files ask for."""
    return {
        "MQTT_PORT": str(ports["mosquitto"]),
        "POSTGRES_PORT": str(ports["postgres"]),
        **{f"KAFKA_PORT_{node}": str(ports[f"kafka-{node}"]) for node in (1, 2, 3)},
        "SECRETS": str(secrets),
    }


def _compose(brokers: int, verb: list[str], ports: Mapping[str, int], secrets: Path) -> None:
    subprocess.run(command(brokers, verb), env={**os.environ, **environment(ports, secrets)}, check=True)
