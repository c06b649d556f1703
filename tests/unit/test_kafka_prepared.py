"""The topics at a start, where others make them at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Self

import pytest

from pipeline import kafka_log
from pipeline.kafka_access import KafkaAccess
from pipeline.kafka_errors import Saying
from pipeline.kafka_topics import Topic, wanted


class Slow:
    """Shows the topics only when asked for the second time: somebody has just made them."""

    asked = 0

    def __call__(self, *_: Any) -> Self:
        return self

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None: ...

    async def brokers(self) -> int:
        return 1

    async def found(self, names: Sequence[str]) -> dict[str, Topic]:
        self.asked += 1
        return {one.name: one for one in wanted("s", 3, 1)} if self.asked > 1 else {}

    async def create(self, topics: Sequence[Topic]) -> None: ...


def test_topics_that_another_process_has_just_made_are_taken_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kafka_log, "KafkaAdmin", Slow())
    found = asyncio.run(kafka_log.prepared(KafkaAccess(("a:1",)), "s", Saying()))
    assert found["s.plant"].partitions == 3
