"""Without a terminal the demo tells each thing once, in plain lines."""

from dataclasses import replace

from hazardwatch.demo.news import news
from hazardwatch.demo.state import Message, Service, Told
from hazardwatch.demo.texts import EN
from tests.unit.demo_example import ALARMS, NOW, STATE

CALM = replace(STATE, alarms=(), messages=(), told=())


def lines(before: object, now: object) -> list[str]:
    return list(news(before, now, EN))  # type: ignore[arg-type]  # states of the example


def test_the_first_look_tells_everything() -> None:
    told = lines(None, STATE)
    assert any("service: running, PID 4711" in line for line in told)
    assert any("CRITICAL TF1/GT-101/HH unacknowledged" in line and ALARMS[0].action in line for line in told)
    assert any("SMS Li Wei" in line for line in told)
    assert all("\x1b" not in line for line in told)


def test_nothing_new_is_nothing_said() -> None:
    assert lines(STATE, STATE) == []


def test_every_change_of_an_alarm_is_told_once() -> None:
    [raised] = lines(CALM, replace(CALM, alarms=ALARMS[:1]))
    assert "unacknowledged" in raised
    taken = replace(ALARMS[0], state="ACKED")
    [told] = lines(replace(CALM, alarms=ALARMS[:1]), replace(CALM, alarms=(taken,)))
    assert "acknowledged" in told
    [gone] = lines(replace(CALM, alarms=(taken,)), CALM)
    assert gone.endswith("TF1/GT-101/HH is normal again")


def test_messages_stories_and_the_life_of_the_service_are_told() -> None:
    after = replace(
        CALM,
        service=Service("killed", NOW),
        messages=(Message(NOW, "SMS", "Li Wei", "come"),),
        told=(Told(NOW, "a flange drips"),),
    )
    told = lines(CALM, after)
    assert told[0].startswith("20:01:20 service: THE SERVICE WAS KILLED")
    assert told[1:] == ["20:01:20 a flange drips", "20:01:20 SMS Li Wei: come"]


def test_the_counts_are_told_every_ten_seconds() -> None:
    assert lines(replace(CALM, elapsed_s=81), replace(CALM, elapsed_s=89)) == []
    [sums] = lines(replace(CALM, elapsed_s=89), replace(CALM, elapsed_s=90))
    assert "sent 18,260  acknowledged 18,240  stored 18,020" in sums
