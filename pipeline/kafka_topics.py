"""The topics of a site in Kafka: names, partitions and settings, and how what is there differs from them. Pure.

docs/messages.md holds the same table; a test keeps the two together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.log import ALARM, PLANT

PARTITIONS = "partitions"
TABLES = "tables"
SNAPSHOTS = "snapshots"
DEFAULT_PARTITIONS = 12
"""Several installations share one. Twelve divide evenly among 1, 2, 3, 4, 6 and 12 processes."""
ALONE_PARTITIONS = 6
"""Where there is one copy: its broker flushes each partition that an append touches, one after the other."""
RECORD_BYTES = 32 << 20
"""The largest record; the configuration of an installation with 10,000 points takes half of it."""
_DAY_MS = 86_400_000
_KEEP_MS = {PLANT: 30 * _DAY_MS, ALARM: 400 * _DAY_MS}


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as it is to be, or as it is. `settings`: Kafka's own names and texts."""

    name: str
    partitions: int
    replication: int
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Difference:
    """`wrong`: the log cannot be used like this. Else it works, less safely or at more cost than it should."""

    topic: str
    what: str
    mend: str
    wrong: bool

    def __str__(self) -> str:
        return f"{self.topic}: {self.what}; {self.mend}"


def name_of(site: str, topic: str) -> str:
    """`topic`: plant, alarm, partitions, tables or snapshots. Site ids have only characters that Kafka takes."""
    return f"{site}.{topic}"


def wanted(site: str, partitions: int, replication: int) -> list[Topic]:
    """All topics of a site."""
    safe = {"min.insync.replicas": str(min(2, replication)), "unclean.leader.election.enable": "false"}
    if replication == 1:
        safe["flush.messages"] = "1"  # one copy: acknowledged means on its disk, not in its memory
    log = {
        "cleanup.policy": "delete",
        "message.timestamp.type": "LogAppendTime",
        "max.message.bytes": f"{RECORD_BYTES}",
    }
    newest = {"cleanup.policy": "compact", "delete.retention.ms": "3600000", "min.cleanable.dirty.ratio": "0.2"}
    made = {
        PLANT: (partitions, log | {"retention.ms": f"{_KEEP_MS[PLANT]}", "retention.bytes": "-1"}),
        ALARM: (partitions, log | {"retention.ms": f"{_KEEP_MS[ALARM]}", "retention.bytes": "-1"}),
        PARTITIONS: (1, {"cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1"}),
        TABLES: (1, newest | {"segment.ms": "600000"}),
        SNAPSHOTS: (partitions, newest | {"segment.ms": "3600000", "segment.bytes": f"{64 << 20}"}),
    }
    return [Topic(name_of(site, one), count, replication, own | safe) for one, (count, own) in made.items()]


def differences(topic: Topic, found: Topic) -> list[Difference]:
    """What of `found` is not as `topic` is to be. More partitions, copies, room or time than that is no fault."""
    made = []
    if found.partitions != topic.partitions:
        many = f"it has {found.partitions} partitions, not {topic.partitions}"
        made.append(Difference(topic.name, many, "make it anew, empty, with as many", wrong=True))
    if found.replication < topic.replication:
        few = f"it has {found.replication} copies, not {topic.replication}"
        made.append(Difference(topic.name, few, "add copies with kafka-reassign-partitions.sh", wrong=False))
    for setting, value in topic.settings.items():
        is_ = found.settings.get(setting)
        if is_ != value and not _good_enough(setting, value, is_):
            named = f"--entity-type topics --entity-name {topic.name}"
            mend = f"kafka-configs.sh --alter {named} --add-config {setting}={value}"
            made.append(Difference(topic.name, f"{setting} is {is_}, not {value}", mend, wrong=setting in _DECIDES))
    return made


_DECIDES = {"cleanup.policy", "message.timestamp.type"}
_AT_LEAST = {"retention.ms", "retention.bytes", "max.message.bytes", "min.insync.replicas"}
_COST_ONLY = {"segment.ms", "segment.bytes", "min.cleanable.dirty.ratio", "delete.retention.ms"}


def _good_enough(setting: str, value: str, is_: str | None) -> bool:
    """Whether a setting that is not ours serves as well. -1 is without end."""
    if setting in _COST_ONLY:
        return True
    if setting not in _AT_LEAST or is_ is None:
        return False
    return int(is_) == -1 or (value != "-1" and int(is_) >= int(value))


def command(topic: Topic) -> str:
    """How to make it by hand."""
    settings = " ".join(f"--config {name}={value}" for name, value in topic.settings.items())
    return (
        f"kafka-topics.sh --create --topic {topic.name} --partitions {topic.partitions} "
        f"--replication-factor {topic.replication} {settings}"
    )
