"""Asks Kafka how a site's topics are, and makes those that are missing. Changes none that is there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from aiokafka import errors
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from pipeline.errors import ConfigError
from pipeline.kafka_access import KafkaAccess
from pipeline.kafka_errors import Saying, fate
from pipeline.kafka_topics import Topic, command

_TIMEOUT_MS = 10_000


class KafkaAdmin:
    """Used as `async with`. Every method raises Transient, Permanent, ConfigError."""

    def __init__(self, access: KafkaAccess, saying: Saying) -> None:
        self._access = access
        self._saying = saying

    async def __aenter__(self) -> Self:
        self._client = AIOKafkaAdminClient(**self._access.settings(), request_timeout_ms=_TIMEOUT_MS)
        self._saying.never = None
        try:
            await self._client.start()
        except (errors.KafkaError, OSError, TimeoutError) as error:
            await self._client.close()
            # The reason is only in what the library logged: it raises "unable to bootstrap" whatever went wrong.
            raise fate(self._saying.never or error, f"Kafka at {self._access}") from error
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.close()

    async def brokers(self) -> int:
        """How many there are."""
        described = await self._ask("Kafka's brokers", self._client.describe_cluster())
        return len(described["brokers"])

    async def found(self, names: Sequence[str]) -> dict[str, Topic]:
        """The topics of these names that are there."""
        described = await self._ask("Kafka's topics", self._client.describe_topics(list(names)))
        there = {}
        for one in described:
            if one["error_code"] == errors.TopicAuthorizationFailedError.errno:
                raise fate(errors.TopicAuthorizationFailedError(one["topic"]), f"Kafka at {self._access}")
            if one["partitions"]:
                there[one["topic"]] = (len(one["partitions"]), min(len(each["replicas"]) for each in one["partitions"]))
        settings = await self._settings(list(there))
        return {name: Topic(name, count, copies, settings[name]) for name, (count, copies) in there.items()}

    async def _settings(self, names: Sequence[str]) -> dict[str, dict[str, str]]:
        if not names:
            return {}
        resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
        answers = await self._ask("Kafka's topic settings", self._client.describe_configs(resources))
        found = {}
        for answer in answers:
            for code, text, _, name, entries in answer.resources:
                if code:
                    raise fate(errors.for_code(code)(name), f"Kafka at {self._access}: {text or 'topic settings'}")
                found[name] = {entry[0]: entry[1] for entry in entries}
        return found

    async def create(self, topics: Sequence[Topic]) -> None:
        """Make these. One that somebody else made meanwhile is fine."""
        new = [NewTopic(one.name, one.partitions, one.replication, topic_configs=dict(one.settings)) for one in topics]
        answer = await self._ask("making Kafka's topics", self._client.create_topics(new))
        by_name = {one.name: one for one in topics}
        faults = []
        for name, code, *text in answer.topic_errors:
            kind = errors.for_code(code)
            if kind not in (errors.NoError, errors.TopicAlreadyExistsError):
                faults.append(f"{name} cannot be made ({kind.__name__}: {text[0] if text else ''}); have it made by:")
                faults.append(f"  {command(by_name[name])}")
        if faults:
            raise ConfigError("\n".join(faults))

    async def _ask(self, what: str, asking: Any) -> Any:
        try:
            return await asking
        except (errors.KafkaError, OSError, TimeoutError) as error:
            raise fate(error, f"{what} ({self._access})") from error
