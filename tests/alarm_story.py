"""Words to tell escalation stories in: a small tank farm, its alarms and what becomes of them, time as data."""

from __future__ import annotations

import msgspec

from pipeline import records
from pipeline.log import Entry
from pipeline.model import Delivery, Event, Judged, Standing, WarningEvent
from pipeline.site import (
    Alarm,
    Channel,
    Escalation,
    Installation,
    Notify,
    Person,
    Point,
    Position,
    Priority,
    Site,
    Step,
    Text,
)

T0 = 1_795_334_400_000
"""2026-11-22T08:00:00Z"""
MIN = 60_000
HH = "TF1/LT-101/HH"
H = "TF1/LT-101/H"


def _alarm(name: str, alarm_class: str, priority: Priority, *, ack_required: bool = True) -> Alarm:
    return Alarm(
        id=f"TF1/LT-101/{name}",
        name=name,
        point="LT-101",
        kind="high",
        alarm_class=alarm_class,
        priority=priority,
        setpoint=13.2,
        ack_required=ack_required,
        cause=Text(en="Overfill", zh="超量进料"),
        consequence=Text(en="Loss of containment", zh="溢罐泄漏"),
        action=Text(en="Close MOV-101", zh="关闭 MOV-101 阀"),
    )


LEVEL = Point(
    id="LT-101",
    name=Text(en="Tank 101 level", zh="101 罐液位"),
    quantity="level",
    unit="m",
    alarms=(
        _alarm("HH", "safety", "critical"),
        _alarm("H", "process", "high"),
        _alarm("L", "process", "low"),
        _alarm("info", "process", "medium", ack_required=False),
    ),
)
PEOPLE = (
    Person(id="li.wei", name="李伟", phone="+8613800000001", language="zh-CN"),
    Person(id="wang.fang", name="王芳", phone="+8613800000002", language="zh-CN"),
    Person(id="sun.li", name="孙丽", phone="+8613800000005", language="en"),
    Person(id="chen.jie", name="Chen Jie", phone="+8613800000004", language="en"),
)
POSITIONS = (
    Position(id="desk", level="post", reports_to="team", people=("li.wei",)),
    Position(id="team", level="team", reports_to="workshop", people=("wang.fang", "sun.li")),
    Position(id="workshop", level="workshop", reports_to="duty", people=()),
    Position(id="duty", level="company", people=("chen.jie",)),
)
CHANNELS = (
    Channel(id="sms", type="sms_http", url="http://sms.test/sms", fallback="sms-2"),
    Channel(id="sms-2", type="sms_http", url="http://sms-2.test/sms"),
    Channel(id="phone", type="sms_http", url="http://phone.test/sms", fallback="sms-2"),
    Channel(id="room", type="webhook", url="http://room.test/hook"),
)
URGENT = Escalation(
    priorities=("critical", "high"),
    repeat_ms=5 * MIN,
    steps=(
        Step(after_ms=0, to="owner", by=("sms",)),
        Step(after_ms=2 * MIN, to="owner+1", by=("sms",)),
        Step(after_ms=10 * MIN, to="duty", by=("sms", "phone")),
    ),
)
QUIET = Escalation(priorities=("medium", "low"), steps=(Step(after_ms=0, to="owner", by=("sms",)),))


def site(*escalations: Escalation, always: tuple[str, ...] = (), channels: tuple[Channel, ...] = CHANNELS) -> Site:
    """The tank farm with these escalations (none given: URGENT and QUIET)."""
    return Site(
        id="east-park",
        name=Text(en="East park", zh="东园化工"),
        timezone="Asia/Shanghai",
        language="zh-CN",
        installations=(
            Installation(id="TF1", name=Text(en="Methanol tank farm", zh="甲醇罐区"), owner="desk", points=(LEVEL,)),
        ),
        positions=POSITIONS,
        people=PEOPLE,
        channels=channels,
        notify=Notify(always=always, escalations=escalations or (URGENT, QUIET)),
    )


def event(  # a story names what matters to it, the rest is usual
    seq: int,
    what: str,
    state: str | None,
    *,
    was: str | None = "NORMAL",
    at: int = 0,
    alarm: str = HH,
    occurrence: str = "o1",
    priority: str = "critical",
    actor: str | None = None,
    late: int = 0,
    drill: str | None = None,
) -> Event:
    """Event number `seq`, decided `at` ms after T0."""
    return Event(
        event_id=f"e{seq}",
        seq=seq,
        time=T0 + at - late,
        decided=T0 + at,
        alarm=alarm,
        occurrence=occurrence,
        event=what,
        from_state=was,
        state=state,
        priority=priority,
        value=13.21,
        setpoint=13.2,
        unit="m",
        actor=actor,
        note=None,
        reason=None,
        drill=drill,
        position=seq,
    )


def config(site_: Site) -> bytes:
    """The copy of a CONFIG record."""
    return bytes([records.Kind.CONFIG]) + msgspec.json.encode(site_)


def data_of(record: Event | Judged | Delivery | Standing | WarningEvent) -> bytes:
    """The record's bytes."""
    return records.encode(record)


def entry(position: int, data: bytes) -> Entry:
    """An entry of TF1's alarm log."""
    return Entry("TF1", position, T0, data)
