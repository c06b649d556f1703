"""What a broker tells of itself: drops only rise, over its restarts, ours and a change of the watcher."""

from __future__ import annotations

from ingest.broker_facts import BrokerFacts

DROPPED = b"$SYS/broker/publish/messages/dropped"


def test_what_was_dropped_before_we_watched_is_not_ours_and_then_the_number_rises() -> None:
    facts = BrokerFacts({})
    assert facts.dropped is None
    totals: list[int | None] = []
    for value in (7, 7, 9, 12):
        assert facts.hear(DROPPED, b"%d" % value)
        totals.append(facts.dropped)
    assert (totals, facts.before) == ([0, 0, 2, 5], 7)


def test_a_restart_of_the_broker_takes_nothing_away_and_what_it_drops_anew_is_added() -> None:
    facts = BrokerFacts({})
    totals: list[int | None] = []
    for value in (5, 8, 0, 2, 2, 1):
        facts.hear(DROPPED, b"%d" % value)
        totals.append(facts.dropped)
    assert totals == [0, 3, 3, 5, 5, 6]


def test_the_next_watcher_counts_what_was_dropped_while_nobody_watched() -> None:
    first = BrokerFacts({})
    first.hear(DROPPED, b"5")
    first.hear(DROPPED, b"6")
    second = BrokerFacts(first.kept())
    assert second.dropped == 1
    second.hear(DROPPED, b"10")
    assert second.dropped == 5


def test_the_nodes_of_an_emqx_cluster_count_for_themselves() -> None:
    facts = BrokerFacts({})
    for node, value in ((b"a", 5), (b"b", 100), (b"a", 7), (b"b", 101)):
        facts.hear(b"$SYS/brokers/emqx@%s/metrics/delivery/dropped/queue_full" % node, b"%d" % value)
    assert facts.dropped == 3


def test_other_system_topics_and_what_is_no_number_say_nothing_and_readings_are_left_alone() -> None:
    facts = BrokerFacts({})
    assert facts.hear(b"$SYS/broker/uptime", b"17 seconds")
    assert facts.hear(DROPPED, b"many")
    assert facts.hear(b"$SYS/broker/store/messages/count", b"42")
    assert (facts.dropped, facts.stored) == (None, 42)
    assert not facts.hear(b"hazardwatch/v1/TF1/LT-101", b"1")
