"""SYSTEM: the installation that carries hazardwatch's own troubles, judged by the same rules as any tank. Pure.

What its points say is gathered in hazardwatch.process_state and hazardwatch.system_watch.
"""

from __future__ import annotations

from typing import Any

import msgspec

from hazardwatch.engine import BLIND
from hazardwatch.system_config import CONFIG_POINTS
from pipeline.model import SYSTEM
from pipeline.site import Alarm, Installation, Point, Priority, Site, Text

_STALE_MS = 30_000


def with_system(site: Site) -> Site:
    """The site with its SYSTEM installation, owned by whoever owns the first of the site's own."""
    owner = next((one.owner for one in site.installations if one.owner), None)
    system = Installation(
        id=SYSTEM,
        name=Text(en="hazardwatch itself", zh="hazardwatch 自身"),
        owner=owner,
        points=(*_POINTS, *CONFIG_POINTS),
        alarms=(_BLIND,),
    )
    return msgspec.structs.replace(site, installations=(*site.installations, system))


def _alarm(
    name: str, kind: str, priority: Priority, cause: tuple[str, str], action: tuple[str, str], **more: Any
) -> Alarm:
    """`cause`, `action`: English and Chinese. `more`: setpoint, deadband, delays and the like."""
    return Alarm(
        id="",
        name=name,
        kind=kind,
        alarm_class="system",
        priority=priority,
        cause=Text(en=cause[0], zh=cause[1]),
        action=Text(en=action[0], zh=action[1]),
        **more,
    )


def _point(id_: str, name: tuple[str, str], quantity: str, unit: str, *alarms: Alarm, **more: Any) -> Point:
    """With STALE, BAD, LATE and CLOCK, as every point has them."""
    own = [msgspec.structs.replace(one, id=f"{SYSTEM}/{id_}/{one.name}", point=id_) for one in alarms]
    instrument = [
        Alarm(
            id=f"{SYSTEM}/{id_}/{kind.upper()}",
            name=kind.upper(),
            point=id_,
            kind=kind,
            alarm_class="system",
            priority="high" if kind == "stale" else "low",
        )
        for kind in ("stale", "bad", "late", "clock")
    ]
    made: dict[str, Any] = {"stale_after_ms": _STALE_MS, **more}
    return Point(
        id=id_, name=Text(en=name[0], zh=name[1]), quantity=quantity, unit=unit, alarms=(*own, *instrument), **made
    )


_STATUS = ("see `hazardwatch status`", "查看 hazardwatch status")
_BLIND = Alarm(
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
)
_LAG: dict[str, Any] = {"on_delay_ms": 10_000, "off_delay_ms": 5_000}
_POINTS = (
    _point(
        "history", ("History database", "历史数据库"), "state", "",
        _alarm(
            "AWAY", "digital", "high",
            ("The database does not take readings", "数据库无法写入"),
            ("See `hazardwatch status`; alarms go on", "查看 hazardwatch status；报警不受影响"),
            when=0.0, on_delay_ms=15_000, off_delay_ms=5_000,
        ),
        states={0.0: "away", 1.0: "connected"},
    ),
    _point(
        "delivery", ("Delivery of messages", "消息发送"), "state", "",
        _alarm(
            "FAILING", "digital", "critical",
            ("A channel does not get messages through", "有通道无法送达消息"),
            ("Call people by other means; " + _STATUS[0], "改用其他方式通知人员；" + _STATUS[1]),
            when=0.0,
        ),
        states={0.0: "failing", 1.0: "working"},
    ),
    _point(
        "disk-free", ("Free disk of the data folder", "数据目录剩余磁盘"), "ratio", "%",
        _alarm(
            "LL", "low", "critical",
            ("The disk is nearly full: readings will soon be refused", "磁盘即将写满，将无法接收数据"),
            ("Make room now", "立即清理空间"),
            setpoint=4.0, deadband=1.0,
        ),
        _alarm(
            "L", "low", "high",
            ("The disk fills up", "磁盘将满"),
            ("Make room or add a disk", "清理空间或扩容"),
            setpoint=10.0, deadband=1.0,
        ),
        low=0.0, high=100.0,
    ),
    _point(
        "log-holes", ("Holes in the history", "历史缺口数"), "count", "1",
        _alarm(
            "H", "high", "critical",
            ("Readings left the log before the database had them", "数据在入库前已被日志清除"),
            ("Bring the database back; the hole is on record", "恢复数据库；缺口已记录"),
            setpoint=1.0,
        ),
    ),
    _point(
        "reviews-overdue", ("Alarms out of service whose review is overdue", "停用报警逾期未复核数"), "count", "1",
        _alarm(
            "H", "high", "high",
            ("Nobody has looked whether it must stay out of service", "停用报警到期未复核"),
            (
                "See `hazardwatch alarms`; put it back, or take it out again with a new review",
                "查看 hazardwatch alarms；恢复使用，或重新办理停用并约定复核时间",
            ),
            consequence=Text(en="A protection is away longer than was agreed", zh="保护缺失超过约定时间"),
            setpoint=1.0,
        ),
    ),
    _point(
        "engine-lag", ("Judging behind the log", "判断滞后"), "duration", "s",
        _alarm(
            "H", "high", "critical",
            ("Readings come faster than they are judged: alarms come late", "判断跟不上数据，报警延迟"),
            ("Add an engine process or cores; " + _STATUS[0], "增加引擎进程或处理器；" + _STATUS[1]),
            setpoint=5.0, deadband=2.0, **_LAG,
        ),
        stale_after_ms=None,
    ),
    _point(
        "notifier-lag", ("Notifying behind the log", "通知滞后"), "duration", "s",
        _alarm(
            "H", "high", "critical",
            ("Alarms come faster than they are taken for telling: people hear late", "通知跟不上报警，人员收到延迟"),
            ("Add a notifier process; " + _STATUS[0], "增加通知进程；" + _STATUS[1]),
            setpoint=5.0, deadband=2.0, **_LAG,
        ),
        stale_after_ms=None,
    ),
    _point(
        "historian-lag", ("History behind the log", "历史入库滞后"), "duration", "s",
        _alarm(
            "H", "high", "medium",
            ("The database takes readings more slowly than they come", "数据库写入慢于数据到达"),
            ("Look at the database; alarms go on", "检查数据库；报警不受影响"),
            setpoint=300.0, deadband=60.0, **_LAG,
        ),
        stale_after_ms=None,
    ),
    _point(
        "broker-drops", ("Messages dropped by the broker", "消息代理丢弃的消息数"), "count", "1",
        _alarm(
            "H", "high", "critical",
            ("The broker threw messages away: readings are lost", "消息代理丢弃消息，数据丢失"),
            ("Raise the broker's limits; look what the plant did meanwhile", "提高代理限额；核查该时段的工况"),
            setpoint=1.0,
        ),
        stale_after_ms=None,
    ),
    _point(
        "clock-jump", ("Step of a machine's clock", "主机时钟跳变"), "duration", "s",
        _alarm(
            "H", "high", "high",
            ("The clock of a machine was set", "主机时钟被调整"),
            ("Let it keep time by NTP; look at times around now with care", "启用 NTP 校时；谨慎看待此时前后的时间"),
            setpoint=1.0,
        ),
        stale_after_ms=None,
    ),
    _point(
        "processes-silent", ("Processes that went silent", "失联进程数"), "count", "1",
        _alarm(
            "H", "high", "high",
            ("A process of hazardwatch no longer says how it is", "有 hazardwatch 进程失联"),
            ("Start it again; others took its work over; " + _STATUS[0], "重新启动，其他进程已接管；" + _STATUS[1]),
            setpoint=1.0,
        ),
        stale_after_ms=None,
    ),
    _point(
        "roles-missing", ("Roles nobody runs", "无进程承担的角色数"), "count", "1",
        _alarm(
            "H", "high", "critical",
            ("A role is run by no process: collector, engine, notifier, historian or api", "有角色无进程承担"),
            ("Start a process with that role; " + _STATUS[0], "启动承担该角色的进程；" + _STATUS[1]),
            setpoint=1.0, on_delay_ms=30_000,
        ),
        stale_after_ms=None,
    ),
)  # fmt: skip
