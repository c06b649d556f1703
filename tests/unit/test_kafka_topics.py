"""What a site's topics are to be, and what of those that are there is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.kafka_topics import Topic, command, differences, wanted

PLANT = wanted("s", 12, 3)[0]


def test_names_begin_with_the_site_and_one_copy_is_flushed() -> None:
    assert [one.name for one in wanted("s", 12, 3)] == ["s.plant", "s.alarm", "s.partitions", "s.tables", "s.snapshots"]
    assert PLANT.settings["min.insync.replicas"] == "2"
    assert "flush.messages" not in PLANT.settings
    assert all(one.settings["flush.messages"] == "1" for one in wanted("s", 6, 1))


def test_what_is_as_it_should_be_or_better_is_fine() -> None:
    assert differences(PLANT, PLANT) == []
    better = {"retention.ms": "-1", "max.message.bytes": str(64 << 20), "min.insync.replicas": "3"}
    assert differences(PLANT, replace(PLANT, replication=5, settings={**PLANT.settings, **better})) == []
    tables = wanted("s", 12, 3)[3]
    assert differences(tables, replace(tables, settings={**tables.settings, "segment.ms": "1000"})) == []


@pytest.mark.parametrize(
    ("setting", "value", "wrong"),
    [
        ("message.timestamp.type", "CreateTime", True),
        ("cleanup.policy", "compact", True),
        ("retention.ms", "604800000", False),
        ("retention.bytes", "1000000", False),
        ("min.insync.replicas", "1", False),
        ("unclean.leader.election.enable", "true", False),
        ("max.message.bytes", "1048588", False),
    ],
)
def test_what_differs_is_told_with_what_to_do(setting: str, value: str, wrong: bool) -> None:
    [one] = differences(PLANT, replace(PLANT, settings={**PLANT.settings, setting: value}))
    assert one.wrong == wrong
    assert f"{setting} is {value}, not {PLANT.settings[setting]}" in str(one)
    assert f"--entity-name s.plant --add-config {setting}={PLANT.settings[setting]}" in one.mend


def test_other_partitions_will_not_do_and_fewer_copies_are_told() -> None:
    told = differences(PLANT, Topic("s.plant", 3, 1, PLANT.settings))
    assert [one.wrong for one in told] == [True, False]


def test_the_command_makes_what_is_wanted() -> None:
    words = command(PLANT).split()
    assert words[:4] == ["kafka-topics.sh", "--create", "--topic", "s.plant"]
    assert [f"{name}={value}" for name, value in PLANT.settings.items()] == words[words.index("--config") + 1 :: 2]
