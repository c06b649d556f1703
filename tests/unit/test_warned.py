"""Who is told of a graded warning, and in which words."""

from __future__ import annotations

import msgspec
import pytest

from alerting.escalation import Annunciator
from alerting.routing import Routes
from alerting.telling import Kind, Send
from alerting.texts import short
from pipeline.model import WarningEvent
from pipeline.site import Warnings, WarningTold
from tests.alarm_story import HH, T0, H, data_of, entry, site

SITE = msgspec.structs.replace(
    site(always=("room",)),
    warnings=Warnings(tell={"orange": WarningTold(to=("owner", "owner+1", "li.wei"), by=("sms",))}),
)
ROUTES = Routes(SITE, "TF1")


def _change(what: str, level: str | None, *, seq: int = 3, position: int = 1, was: str | None = None) -> WarningEvent:
    return WarningEvent(
        warning="w", seq=seq, time=T0, event=what, from_level=was, level=level, alarms=(HH, H), position=position
    )


def _told(*changes: WarningEvent) -> list[Send]:
    desk = Annunciator("TF1", ROUTES)
    due: list[Send] = []
    for number, change in enumerate(changes, 1):
        due += desk.fold(entry(number, data_of(change))).due
        desk = Annunciator.restore("TF1", ROUTES, desk.position, desk.snapshot())
    return due


def test_everybody_named_for_the_level_is_told_once() -> None:
    sends = _told(_change("issued", "orange"))
    assert [(one.kind, one.key.person, one.key.channel) for one in sends] == [
        (Kind.WARNING, "li.wei", "sms"),
        (Kind.WARNING, "wang.fang", "sms"),
        (Kind.WARNING, "sun.li", "sms"),
    ]


@pytest.mark.parametrize(("what", "level"), [("issued", "blue"), ("signed", "orange"), ("verified", "orange")])
def test_other_levels_and_what_people_did_themselves_are_told_to_nobody(what: str, level: str) -> None:
    assert _told(_change(what, level)) == []


def test_the_clearing_is_told_to_those_who_heard_of_the_level() -> None:
    assert len(_told(_change("cleared", None, was="orange"))) == 3


def test_what_an_engine_says_again_is_told_to_nobody_again() -> None:
    assert len(_told(_change("issued", "orange"), _change("issued", "orange"))) == 3


def test_the_words_name_level_place_and_alarms_in_both_languages() -> None:
    [send, *_] = _told(_change("issued", "orange"))
    assert short(ROUTES, send, "en") == (
        "[ORANGE WARNING] Methanol tank farm: issued: Tank 101 level high-high alarm, Tank 101 level high alarm. "
        "2026-11-22 16:00:00 #TF1-W3"
    )
    assert short(ROUTES, send, "zh-CN") == (
        "[橙色预警] 甲醇罐区：发布：101 罐液位 高高报警，101 罐液位 高报警。2026-11-22 16:00:00 #TF1-W3"
    )
