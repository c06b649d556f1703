"""SYSTEM: the installation that carries hazardwatch's own troubles, judged by the same rules as any tank. Pure.

What its points say is gathered in hazardwatch.system_watch.
"""

from __future__ import annotations

import msgspec

from hazardwatch.engine import BLIND
from hazardwatch.system_config import CONFIG_POINTS
from hazardwatch.system_points import STALE_MS, about, alarm_id
from pipeline.model import SYSTEM
from pipeline.site import Alarm, Installation, Point, Site, Text


def with_system(site: Site) -> Site:
    """The site with its SYSTEM installation, owned by whoever owns the first of the site's own."""
    owner = next((one.owner for one in site.installations if one.owner), None)
    return msgspec.structs.replace(site, installations=(*site.installations, _system(owner)))


def _system(owner: str | None) -> Installation:
    return Installation(
        id=SYSTEM,
        name=Text(en="hazardwatch itself", zh="hazardwatch 自身"),
        owner=owner,
        points=(_HISTORY, _DELIVERY, _DISK, _HOLES, _REVIEWS, *CONFIG_POINTS),
        alarms=(
            Alarm(
                id=BLIND,
                name="blind",
                kind="blind",
                alarm_class="system",
                priority="high",
                cause=Text(en="hazardwatch was not running", zh="hazardwatch 未运行"),
                consequence=Text(
                    en="Nothing was judged meanwhile; devices may still send what they kept",
                    zh="期间未作判断；设备可能补传缓存数据",
                ),
                action=Text(en="Look at what happened in that time", zh="核查该时段的工况"),
            ),
        ),
    )


_HISTORY = Point(
    id="history",
    name=Text(en="History database", zh="历史数据库"),
    quantity="state",
    unit="",
    states={0.0: "away", 1.0: "connected"},
    stale_after_ms=STALE_MS,
    alarms=(
        Alarm(
            id=alarm_id("history", "AWAY"),
            name="AWAY",
            point="history",
            kind="digital",
            alarm_class="system",
            priority="high",
            cause=Text(en="The database does not take readings", zh="数据库无法写入"),
            action=Text(en="See `hazardwatch status`; alarms go on", zh="查看 hazardwatch status；报警不受影响"),
            when=0.0,
            on_delay_ms=15_000,
            off_delay_ms=5_000,
        ),
        *about("history"),
    ),
)
_DELIVERY = Point(
    id="delivery",
    name=Text(en="Delivery of messages", zh="消息发送"),
    quantity="state",
    unit="",
    states={0.0: "failing", 1.0: "working"},
    stale_after_ms=STALE_MS,
    alarms=(
        Alarm(
            id=alarm_id("delivery", "FAILING"),
            name="FAILING",
            point="delivery",
            kind="digital",
            alarm_class="system",
            priority="critical",
            cause=Text(en="A channel does not get messages through", zh="有通道无法送达消息"),
            action=Text(
                en="Call people by other means; see `hazardwatch status`",
                zh="改用其他方式通知人员；查看 hazardwatch status",
            ),
            when=0.0,
        ),
        *about("delivery"),
    ),
)
_DISK = Point(
    id="disk-free",
    name=Text(en="Free disk of the data folder", zh="数据目录剩余磁盘"),
    quantity="ratio",
    unit="%",
    low=0.0,
    high=100.0,
    stale_after_ms=STALE_MS,
    alarms=(
        Alarm(
            id=alarm_id("disk-free", "LL"),
            name="LL",
            point="disk-free",
            kind="low",
            alarm_class="system",
            priority="critical",
            cause=Text(en="The disk is nearly full: readings will soon be refused", zh="磁盘即将写满，将无法接收数据"),
            action=Text(en="Make room now", zh="立即清理空间"),
            setpoint=4.0,
            deadband=1.0,
        ),
        Alarm(
            id=alarm_id("disk-free", "L"),
            name="L",
            point="disk-free",
            kind="low",
            alarm_class="system",
            priority="high",
            cause=Text(en="The disk fills up", zh="磁盘将满"),
            action=Text(en="Make room or add a disk", zh="清理空间或扩容"),
            setpoint=10.0,
            deadband=1.0,
        ),
        *about("disk-free"),
    ),
)
_HOLES = Point(
    id="log-holes",
    name=Text(en="Holes in the history", zh="历史缺口数"),
    quantity="count",
    unit="1",
    stale_after_ms=STALE_MS,
    alarms=(
        Alarm(
            id=alarm_id("log-holes", "H"),
            name="H",
            point="log-holes",
            kind="high",
            alarm_class="system",
            priority="critical",
            cause=Text(en="Readings left the log before the database had them", zh="数据在入库前已被日志清除"),
            action=Text(en="Bring the database back; the hole is on record", zh="恢复数据库；缺口已记录"),
            setpoint=1.0,
        ),
        *about("log-holes"),
    ),
)
_REVIEWS = Point(
    id="reviews-overdue",
    name=Text(en="Alarms out of service whose review is overdue", zh="停用报警逾期未复核数"),
    quantity="count",
    unit="1",
    stale_after_ms=STALE_MS,
    alarms=(
        Alarm(
            id=alarm_id("reviews-overdue", "H"),
            name="H",
            point="reviews-overdue",
            kind="high",
            alarm_class="system",
            priority="high",
            cause=Text(en="Nobody has looked whether it must stay out of service", zh="停用报警到期未复核"),
            consequence=Text(en="A protection is away longer than was agreed", zh="保护缺失超过约定时间"),
            action=Text(
                en="See `hazardwatch alarms`; put it back, or take it out again with a new review",
                zh="查看 hazardwatch alarms；恢复使用，或重新办理停用并约定复核时间",
            ),
            setpoint=1.0,
        ),
        *about("reviews-overdue"),
    ),
)
