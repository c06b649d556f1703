"""Messages as people read them, word for word in both languages."""

from __future__ import annotations

import msgspec
import pytest

from alerting import words
from alerting.routing import Routes
from alerting.telling import Key, Kind, Send
from alerting.texts import line, short
from hazardwatch.engine import BLIND
from hazardwatch.system_site import with_system
from pipeline.model import SYSTEM, Event
from pipeline.site import Alarm, Point, Site, Text
from tests.alarm_story import HH, LEVEL, MIN, event, site

WATCHED = with_system(site())
OWN_ALARMS = [alarm for point in WATCHED.installations[-1].points for alarm in point.alarms]
RAISED = event(17, "raised", "UNACK")


def routes(site_: Site | None = None) -> Routes:
    return Routes(site_ or site(), "TF1")


def send(told: Event, kind: Kind = Kind.ALARM, *, state: str | None = "UNACK", step: int = 0, round_: int = 0) -> Send:
    return Send(Key(told.event_id, "li.wei", "sms", step, round_), kind, told, state, 0, None)


def with_point(point: Point) -> Site:
    base = site()
    installation = msgspec.structs.replace(base.installations[0], points=(point,))
    return msgspec.structs.replace(base, installations=(installation,))


@pytest.mark.parametrize(
    ("told", "english", "chinese"),
    [
        (
            send(RAISED),
            (
                "[CRITICAL] Methanol tank farm: Tank 101 level high-high alarm, 13.21 m (limit 13.2 m). "
                "Action: Close MOV-101. 2026-11-22 16:00:00 #TF1-17"
            ),
            (
                "[紧急] 甲醇罐区：101 罐液位 高高报警，13.21 m（限值 13.2 m）。"
                "措施：关闭 MOV-101 阀。2026-11-22 16:00:00 #TF1-17"
            ),
        ),
        (
            send(RAISED, step=2, round_=1),
            (
                "[CRITICAL] Methanol tank farm: Tank 101 level high-high alarm, still not acknowledged, "
                "13.21 m (limit 13.2 m). Action: Close MOV-101. 2026-11-22 16:00:00 #TF1-17.2.1"
            ),
            (
                "[紧急] 甲醇罐区：101 罐液位 高高报警，仍未确认，13.21 m（限值 13.2 m）。"
                "措施：关闭 MOV-101 阀。2026-11-22 16:00:00 #TF1-17.2.1"
            ),
        ),
        (
            send(RAISED, state="LATCH_UNACK", step=1),
            (
                "[CRITICAL] Methanol tank farm: Tank 101 level high-high alarm, returned, not acknowledged, "
                "13.21 m (limit 13.2 m). Action: Close MOV-101. 2026-11-22 16:00:00 #TF1-17.1.0"
            ),
            (
                "[紧急] 甲醇罐区：101 罐液位 高高报警，已恢复，未确认，13.21 m（限值 13.2 m）。"
                "措施：关闭 MOV-101 阀。2026-11-22 16:00:00 #TF1-17.1.0"
            ),
        ),
        (
            send(event(18, "raised", "UNACK", late=61 * MIN)),
            (
                "[CRITICAL] Methanol tank farm: Tank 101 level high-high alarm, 13.21 m (limit 13.2 m), "
                "known 1 h 1 min late. Action: Close MOV-101. 2026-11-22 14:59:00 #TF1-18"
            ),
            (
                "[紧急] 甲醇罐区：101 罐液位 高高报警，13.21 m（限值 13.2 m），迟到 1 h 1 min。"
                "措施：关闭 MOV-101 阀。2026-11-22 14:59:00 #TF1-18"
            ),
        ),
        (
            send(event(19, "acknowledged", "ACKED", actor="wang.fang"), Kind.TAKEN),
            "Methanol tank farm: Tank 101 level high-high alarm, taken by 王芳. #TF1-19",
            "甲醇罐区：101 罐液位 高高报警，王芳已接警。#TF1-19",
        ),
        (
            send(event(20, "cleared", "NORMAL"), Kind.EVENT),
            "[CRITICAL] Methanol tank farm: Tank 101 level high-high alarm cleared, 13.21 m (limit 13.2 m). #TF1-20",
            "[紧急] 甲醇罐区：101 罐液位 高高报警 已消除，13.21 m（限值 13.2 m）。#TF1-20",
        ),
    ],
)
def test_short_messages(told: Send, english: str, chinese: str) -> None:
    assert short(routes(), told, "en") == english
    assert short(routes(), told, "zh-CN") == chinese


@pytest.mark.parametrize(
    ("told", "english", "chinese"),
    [
        (
            RAISED,
            "[CRITICAL] Methanol tank farm: Tank 101 level high-high alarm raised, 13.21 m (limit 13.2 m)",
            "[紧急] 甲醇罐区：101 罐液位 高高报警 发生，13.21 m（限值 13.2 m）",
        ),
        (
            event(2, "acknowledged", "ACKED", actor="li.wei"),
            (
                "[CRITICAL] Methanol tank farm: Tank 101 level high-high alarm acknowledged by 李伟, "
                "13.21 m (limit 13.2 m)"
            ),
            "[紧急] 甲醇罐区：101 罐液位 高高报警 已确认（李伟），13.21 m（限值 13.2 m）",
        ),
    ],
)
def test_lines_for_systems(told: Event, english: str, chinese: str) -> None:
    assert line(routes(), told, "en") == english
    assert line(routes(), told, "zh-CN") == chinese


def test_a_state_is_told_by_its_name() -> None:
    switch = Point(
        id="LSHH-101",
        name=Text(en="Tank 101 switch", zh="101 罐开关"),
        quantity="state",
        unit="",
        states={0.0: "tripped", 1.0: "healthy"},
        alarms=(
            Alarm(id="TF1/LSHH-101/dry", name="dry", kind="digital", alarm_class="safety", priority="high", when=0.0),
        ),
    )
    told = msgspec.structs.replace(
        event(1, "raised", "UNACK", alarm="TF1/LSHH-101/dry", priority="high"), value=0.0, setpoint=None, unit=None
    )
    assert line(routes(with_point(switch)), told, "en") == (
        "[HIGH] Methanol tank farm: Tank 101 switch dry state alarm raised, tripped"
    )


def test_a_tripped_alarm_says_that_the_signal_is_lost_beside_the_harmless_value() -> None:
    lost = msgspec.structs.replace(RAISED, reason="lost", value=5.2)
    assert "level high-high alarm raised, signal lost, counted as on, 5.2 m (limit 13.2 m)" in line(
        routes(), lost, "en"
    )
    assert "101 罐液位 高高报警，信号丢失，按报警处理，5.2 m（限值 13.2 m）" in short(routes(), send(lost), "zh-CN")


@pytest.mark.parametrize("alarm", OWN_ALARMS)
def test_hazardwatchs_own_alarms_are_told_in_words_not_in_names_of_the_program(alarm: Alarm) -> None:
    assert alarm.name in words.NAME


def test_that_nobody_was_watching_is_told_with_how_long() -> None:
    system = Routes(WATCHED, SYSTEM)
    blind = msgspec.structs.replace(RAISED, alarm=BLIND, value=6.5, setpoint=None, unit=None, priority="high")
    assert line(system, blind, "en") == "[HIGH] hazardwatch itself: was not watching (seconds) raised, 6.5"
    assert line(system, blind, "zh-CN") == "[高] hazardwatch 自身：曾停止监视（秒） 发生，6.5"


def test_an_alarm_that_was_removed_and_a_person_who_left_go_by_their_ids() -> None:
    told = event(1, "cleared", "NORMAL", alarm="TF1/old/H", actor="somebody")
    assert line(routes(), told, "en") == (
        "[CRITICAL] Methanol tank farm: TF1/old/H cleared by somebody, 13.21 m (limit 13.2 m)"
    )


def test_an_event_without_value_setpoint_or_priority_says_none_of_them() -> None:
    told = msgspec.structs.replace(RAISED, value=None, setpoint=None, priority=None)
    assert line(routes(), told, "en") == "Methanol tank farm: Tank 101 level high-high alarm raised"
    assert "None" not in short(routes(), send(told), "zh-CN")


def test_two_messages_of_one_event_never_read_the_same() -> None:
    seen = {short(routes(), send(RAISED, step=step, round_=round_), "en") for step in range(4) for round_ in range(4)}
    assert len(seen) == 16


def test_no_text_calls_a_point_alarm_a_warning_level() -> None:
    tables = [words.PRIORITY, words.NAME, words.KIND, words.EVENT]
    assert all("预警" not in word.zh for table in tables for word in table.values())
    assert words.NAME["HH"].zh == "高高报警"


def test_every_alarm_of_the_story_has_a_word() -> None:
    assert all(line(routes(), event(1, "raised", "UNACK", alarm=alarm.id), "zh-CN") for alarm in LEVEL.alarms)
    assert HH in {alarm.id for alarm in LEVEL.alarms}


def test_the_time_left_until_a_limit_is_in_every_text() -> None:
    soon = Alarm(
        id="TF1/LT-101/to-HH",
        name="to-HH",
        point="LT-101",
        kind="time_to_limit",
        alarm_class="process",
        priority="high",
    )
    told = msgspec.structs.replace(RAISED, alarm=soon.id, priority="high", value=12.1, setpoint=None, time_left_s=680)
    known = routes(with_point(msgspec.structs.replace(LEVEL, alarms=(soon,))))
    assert line(known, told, "en").endswith("12.1 m, limit reached in 11 min 20 s")
    assert "12.1 m，预计 11 min 20 s 后到达限值" in short(known, send(told), "zh-CN")
    assert "limit reached in 11 min 20 s" in short(known, send(told, step=2, round_=1), "en")
