"""Whether a site's topics are there and as they should be; makes those that are missing. Changes none that is there."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.errors import Transient
from pipeline.kafka_admin import KafkaAdmin
from pipeline.kafka_topics import ALONE_PARTITIONS, DEFAULT_PARTITIONS, Difference, Topic, differences, name_of, wanted
from pipeline.log import ALARM, PLANT
from pipeline.retry import until_done

_MOST_COPIES = 3
_SPREAD_S = 60.0
"""So long it may take until every broker knows of a topic that was made; on a quiet machine it is far below 1 s."""


@dataclass(frozen=True, slots=True)
class Checked:
    """`wanted`: the topics as they are to be; `found`: those that are there, by name."""

    wanted: list[Topic]
    found: dict[str, Topic]

    @property
    def missing(self) -> list[Topic]:
        """Those that are not there."""
        return [one for one in self.wanted if one.name not in self.found]

    @property
    def differences(self) -> list[Difference]:
        """What of those that are there is not as it is to be."""
        return [one for topic in self.wanted if topic.name in self.found for one in self._of(topic)]

    def _of(self, topic: Topic) -> list[Difference]:
        return differences(topic, self.found[topic.name])


async def check(admin: KafkaAdmin, site: str, partitions: int | None = None, copies: int | None = None) -> Checked:
    """How the topics of `site` are. Raises Transient, ConfigError.

    `partitions` and `copies` not given: those of the log that is there, else three copies where there are as many
    brokers, and 12 partitions (6 where there is one copy only).
    """
    found = await admin.found([one.name for one in wanted(site, 1, 1)])
    log = found.get(name_of(site, PLANT)) or found.get(name_of(site, ALARM))
    if copies is None:
        copies = log.replication if log else min(_MOST_COPIES, await admin.brokers())
    if partitions is None:
        partitions = log.partitions if log else DEFAULT_PARTITIONS if copies > 1 else ALONE_PARTITIONS
    return Checked(wanted(site, partitions, copies), found)


async def create(admin: KafkaAdmin, checked: Checked) -> Checked:
    """Make what is missing; it is there on return. Raises Transient, ConfigError with commands for one who may."""
    if not checked.missing:
        return checked
    await admin.create(checked.missing)
    # The broker that is asked next may not have heard yet of what the controller made.
    return await until_done("Kafka: the topics made are known", lambda: _all(admin, checked), deadline_s=_SPREAD_S)


async def _all(admin: KafkaAdmin, checked: Checked) -> Checked:
    made = Checked(checked.wanted, await admin.found([one.name for one in checked.wanted]))
    if made.missing:
        raise Transient(f"{', '.join(one.name for one in made.missing)} made, and not yet known to every broker")
    return made
