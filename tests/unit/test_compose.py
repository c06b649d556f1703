"""The compose files say what they must, whether or not there is a Docker engine to run them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.devstack import docker, kafka
from deploy.devstack.base import KAFKA

FOLDER = Path(__file__).parents[2] / "deploy" / "compose"
ROOT = FOLDER.parents[1]
FILES = ("servers.yaml", "kafka-1.yaml", "kafka-3.yaml", "hazardwatch.yaml")
KEPT = (
    "auto.create.topics.enable", "default.replication.factor", "min.insync.replicas",
    "offsets.topic.replication.factor", "transaction.state.log.min.isr", "unclean.leader.election.enable",
)  # fmt: skip
SHIPPED = ROOT / "deploy" / "mosquitto" / "mosquitto.conf"


def read(name: str) -> dict[str, Any]:
    content = yaml.safe_load((FOLDER / name).read_text())
    assert isinstance(content, dict)
    return content


def services() -> list[tuple[str, str, dict[str, Any]]]:
    return [(file, name, service) for file in FILES for name, service in read(file)["services"].items()]


@pytest.mark.parametrize(("file", "name", "service"), services())
def test_a_service_is_pinned_on_loopback_and_comes_back(file: str, name: str, service: dict[str, Any]) -> None:
    if "build" not in service:
        assert re.fullmatch(r"[a-z/-]+:\d+\.\d+\.\d+(-pg17)?", service["image"])
    for port in service.get("ports", []):
        assert port.startswith("127.0.0.1:")
    assert service["restart"] == "unless-stopped"
    assert file == "hazardwatch.yaml" or "healthcheck" in service


@pytest.mark.parametrize(("file", "name", "service"), services())
def test_what_a_service_mounts_and_reads_exists(file: str, name: str, service: dict[str, Any]) -> None:
    content = read(file)
    declared = {*(content.get("volumes") or {})}
    assert service.get("volumes"), "its data would go with its container"
    for volume in service["volumes"]:
        source = volume.partition(":")[0]
        if source.startswith("./"):
            assert (FOLDER / source).is_file()
        elif not source.startswith(("/", "$")):
            assert source in declared
    known = {*(read("servers.yaml")["secrets"])}
    assert set(service.get("secrets", [])) <= known


def test_every_role_has_a_service() -> None:
    commands = [service["command"][-1] for service in read("hazardwatch.yaml")["services"].values()]
    assert sorted(commands) == ["api", "collector", "engine", "historian", "notifier"]


def test_no_password_stands_in_a_compose_file() -> None:
    for file in FILES:
        assert not re.search(r"password[^_\n]*[:=] *(?!/run/secrets)\S", (FOLDER / file).read_text(), re.IGNORECASE)


@pytest.mark.parametrize("brokers", [1, 3])
def test_the_brokers_are_set_like_those_without_docker(brokers: int, tmp_path: Path) -> None:
    nodes = [kafka.Broker(node, 1, 2, tmp_path) for node in range(1, brokers + 1)]
    cluster = kafka.Cluster(tmp_path, nodes)
    wanted = dict(line.split("=", 1) for line in kafka.properties(cluster, nodes[0]).splitlines())
    in_containers = read(f"kafka-{brokers}.yaml")["services"]
    assert len(in_containers) == brokers
    for number, service in enumerate(in_containers.values(), start=1):
        assert service["image"] == f"apache/kafka:{KAFKA}"
        given = service["environment"]
        assert given["KAFKA_NODE_ID"] == str(number)
        own = {"CLUSTER_ID", "KAFKA_HEAP_OPTS", "KAFKA_OFFSETS_RETENTION_MINUTES"}
        set_here = {name.removeprefix("KAFKA_").replace("_", ".").lower(): name for name in set(given) - own}
        assert set_here.keys() <= wanted.keys()
        for key in KEPT:
            assert given[set_here[key]] == wanted[key]


def test_the_broker_in_a_container_has_the_limits_of_the_shipped_one() -> None:
    shipped = SHIPPED.read_text().splitlines()
    limits = [line for line in shipped if re.match(r"(max_|queue_|autosave|sys_)", line)]
    assert len(limits) >= 5
    assert set(limits) <= set((FOLDER / "mosquitto.conf").read_text().splitlines())


def test_everything_the_image_copies_is_in_the_repository_and_not_ignored() -> None:
    dockerfile = (FOLDER / "Dockerfile").read_text()
    sources = [line.split()[-2] for line in dockerfile.splitlines() if line.startswith("COPY")]
    kept = (FOLDER / "Dockerfile.dockerignore").read_text().splitlines()
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks", "deploy", "examples"}
    assert packages <= set(sources)
    for source in sources:
        assert (ROOT / source).exists()
        assert f"!{source}" in kept


def test_make_devstack_gives_the_compose_files_every_value_they_ask_for(tmp_path: Path) -> None:
    ports = {"mosquitto": 1, "postgres": 2, "kafka-1": 3, "kafka-2": 4, "kafka-3": 5}
    given = docker.environment(ports, tmp_path)
    for brokers in (1, 3):
        files = [Path(part) for part in docker.command(brokers, ["up"]) if part.endswith(".yaml")]
        asked = {name for file in files for name in re.findall(r"\$\{(\w+)", file.read_text())}
        assert asked <= set(given)
