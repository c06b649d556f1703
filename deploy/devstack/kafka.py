"""Kafka brokers of the published jars, without ZooKeeper (KRaft): their properties, their commands. Starts none."""

from __future__ import annotations

import base64
import subprocess
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deploy.devstack.processes import DidNotStart, Program

HERE = Path(__file__).parent
JAVA = ["java", "-Xshare:auto"]


@dataclass(frozen=True, slots=True)
class Broker:
    """One process that is broker and controller: its number from 1, its ports on loopback, its folder."""

    node: int
    port: int
    controller: int
    folder: Path


@dataclass(frozen=True, slots=True)
class Cluster:
    """Brokers that know each other. `extra` are further properties of each broker, stronger than ours."""

    libs: Path
    brokers: Sequence[Broker]
    extra: Mapping[str, str] = field(default_factory=dict)
    scram: Sequence[str] = ()  # of StorageTool's --add-scram: "SCRAM-SHA-512=[name=...,password=...]"

    @property
    def bootstrap(self) -> str:
        """HOST:PORT,... for clients."""
        return ",".join(f"127.0.0.1:{broker.port}" for broker in self.brokers)


def properties(cluster: Cluster, broker: Broker) -> str:
    """The broker's server.properties. With three brokers each record is on two disks' machines before it counts."""
    copies = min(3, len(cluster.brokers))
    return "".join(
        f"{key}={value}\n"
        for key, value in {
            "process.roles": "broker,controller",
            "node.id": broker.node,
            "controller.quorum.voters": ",".join(f"{b.node}@127.0.0.1:{b.controller}" for b in cluster.brokers),
            "listeners": f"CLIENT://127.0.0.1:{broker.port},CONTROLLER://127.0.0.1:{broker.controller}",
            "advertised.listeners": f"CLIENT://127.0.0.1:{broker.port}",
            "listener.security.protocol.map": "CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "inter.broker.listener.name": "CLIENT",
            "controller.listener.names": "CONTROLLER",
            "log.dirs": broker.folder / "data",
            "default.replication.factor": copies,
            "min.insync.replicas": max(1, copies - 1),
            "offsets.topic.replication.factor": copies,
            "offsets.topic.num.partitions": 8,  # fifty, the default, only cost a small machine its start
            "transaction.state.log.replication.factor": copies,
            "transaction.state.log.min.isr": max(1, copies - 1),
            "transaction.state.log.num.partitions": 8,
            "share.coordinator.state.topic.replication.factor": copies,
            "share.coordinator.state.topic.min.isr": max(1, copies - 1),
            "auto.create.topics.enable": "false",  # a misspelled topic is a fault, not a new topic
            "unclean.leader.election.enable": "false",
            "group.initial.rebalance.delay.ms": 0,
            "log.cleaner.dedupe.buffer.size": 16 * 2**20,
            **cluster.extra,
        }.items()
    )


def prepare(cluster: Cluster, brokers: Sequence[Broker]) -> None:
    """Write the properties of these brokers, and format the folders of those that have none yet."""
    identity = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    formatting = []
    for broker in brokers:
        broker.folder.mkdir(parents=True, exist_ok=True)
        file = broker.folder / "server.properties"
        file.touch(0o600)  # it may hold passwords of keys
        file.write_text(properties(cluster, broker))
        if not (broker.folder / "data" / "meta.properties").exists():
            users = [part for user in cluster.scram for part in ("--add-scram", user)]
            command = [
                *JAVA, "-XX:TieredStopAtLevel=1", "-cp", f"{cluster.libs}/*", "kafka.tools.StorageTool", "format",
                "--cluster-id", identity, "--config", str(file), *users,
            ]  # fmt: skip
            formatting.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True))
    for tool in formatting:
        said, _ = tool.communicate(timeout=120)
        if tool.returncode:
            raise DidNotStart(f"Kafka's StorageTool failed: {said[-2000:]}")


def program(cluster: Cluster, broker: Broker) -> Program:
    """The broker as a process; its folder must have been prepared. SIGTERM hands its partitions over first."""
    command = [
        *JAVA, "-Xms128m", "-Xmx512m", f"-Dlog4j2.configurationFile=file:{HERE / 'log4j2.xml'}",
        "-cp", f"{cluster.libs}/*", "kafka.Kafka", str(broker.folder / "server.properties"),
    ]  # fmt: skip
    return Program(
        name=f"kafka broker {broker.node}",
        command=command,
        log=broker.folder / "broker.log",
        ready=lambda _pid, said: "Kafka Server started" in said,
    )
