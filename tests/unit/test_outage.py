"""When people are told past the log, and what they read."""

from __future__ import annotations

from hazardwatch.outage import QUIET_S, REFUSED_S, REPEAT_S, Outage, Tell, event_of, words
from pipeline.site import Text

FULL = "the disk is full"
SITE = Text(en="East park", zh="东园")
T0 = 1_795_334_400_000


def looks(outage: Outage, troubles: dict[float, str | None]) -> list[tuple[float, Tell]]:
    found = [(at, outage.look(at, trouble)) for at, trouble in troubles.items()]
    return [(at, tell) for at, tell in found if tell is not None]


def test_it_is_told_once_after_ten_seconds_then_every_quarter_of_an_hour() -> None:
    told = looks(Outage(), {float(at): FULL for at in range(2000)})
    assert told == [(REFUSED_S, Tell.BEGAN), (REFUSED_S + REPEAT_S, Tell.STILL), (REFUSED_S + 2 * REPEAT_S, Tell.STILL)]


def test_what_is_over_within_ten_seconds_is_told_to_nobody() -> None:
    assert looks(Outage(), {float(at): FULL if at < 9 else None for at in range(60)}) == []


def test_its_end_is_told_once_when_all_was_quiet_for_a_while() -> None:
    told = looks(Outage(), {float(at): FULL if at < 30 else None for at in range(100)})
    assert told == [(REFUSED_S, Tell.BEGAN), (29 + QUIET_S, Tell.OVER)]


def test_a_record_taken_between_refusals_is_neither_an_end_nor_a_new_beginning() -> None:
    troubles = {float(at): None if at % 3 == 0 else FULL for at in range(1, 120)}
    assert looks(Outage(), troubles) == [(11.0, Tell.BEGAN)]


def test_a_second_outage_is_told_like_the_first() -> None:
    troubles = {float(at): FULL if at < 20 or 50 <= at < 70 else None for at in range(100)}
    assert [tell for _, tell in looks(Outage(), troubles)] == [Tell.BEGAN, Tell.OVER, Tell.BEGAN, Tell.OVER]


def test_every_telling_has_an_id_of_its_own_and_one_occurrence() -> None:
    events = [
        event_of(Tell.BEGAN, T0, T0 + 10_000, FULL),
        event_of(Tell.STILL, T0, T0 + 910_000, FULL),
        event_of(Tell.STILL, T0, T0 + 1_810_000, FULL),
        event_of(Tell.OVER, T0, T0 + 1_900_000, FULL),
    ]
    assert len({event.event_id for event in events}) == 4
    assert {event.occurrence for event in events} == {events[0].event_id}
    assert [(event.event, event.from_state, event.state) for event in events] == [
        ("raised", "NORMAL", "UNACK"),
        ("reraised", "UNACK", "UNACK"),
        ("reraised", "UNACK", "UNACK"),
        ("cleared", "UNACK", "NORMAL"),
    ]


def test_the_texts_say_since_when_what_it_means_and_what_to_do_in_both_languages() -> None:
    began = words(Tell.BEGAN, T0, T0 + 10_000, SITE, "Asia/Shanghai")
    assert began.en.startswith("[CRITICAL] East park: hazardwatch's log takes no records since 16:00:00. Readings")
    assert "Make room on the disk" in began.en
    assert began.zh.startswith("[紧急] 东园：hazardwatch 日志自 16:00:00 起无法写入。数据未被接收")
    assert "for 15 min" in words(Tell.STILL, T0, T0 + 910_000, SITE, "Asia/Shanghai").en
    assert "已 15 分钟" in words(Tell.STILL, T0, T0 + 910_000, SITE, "Asia/Shanghai").zh
    over = words(Tell.OVER, T0, T0 + 910_000, SITE, "Asia/Shanghai")
    assert "takes records again, at 16:15:10" in over.en
    assert "16:15:10 恢复写入" in over.zh
