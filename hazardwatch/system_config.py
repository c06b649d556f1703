"""SYSTEM's points about the configuration in force: 1 while all is well. Pure values."""

from __future__ import annotations

import msgspec

from hazardwatch.system_points import STALE_MS, about, alarm_id
from pipeline.site import Alarm, Point, Priority, Text


def _alarm(point: str, name: str, priority: Priority, cause: Text, action: Text) -> Alarm:
    return Alarm(
        id=alarm_id(point, name),
        name=name,
        point=point,
        kind="digital",
        alarm_class="system",
        priority=priority,
        when=0.0,
        cause=cause,
        action=action,
    )


def _point(id_: str, name: Text, bad: Alarm) -> Point:
    return Point(
        id=id_,
        name=name,
        quantity="state",
        unit="",
        states={0.0: bad.name.lower(), 1.0: "as approved"},
        stale_after_ms=STALE_MS,
        alarms=(bad, *about(id_)),
    )


CONFIG_POINTS = (
    _point(
        "config-file",
        Text(en="Site file against the configuration in force", zh="站点文件与生效配置"),
        msgspec.structs.replace(
            _alarm(
                "config-file",
                "DIFFERS",
                "medium",
                Text(
                    en="The site file was changed, but not applied; the next start would put it in force",
                    zh="站点文件已修改但未提交，下次启动将直接生效",
                ),
                Text(
                    en="See `hazardwatch config diff`; then apply the file, or put it back",
                    zh="查看 hazardwatch config diff，提交生效或恢复文件",
                ),
            ),
            on_delay_ms=10_000,  # whoever writes the file applies it in a moment
        ),
    ),
    _point(
        "config-approval",
        Text(en="Approval of the configuration in force", zh="生效配置的审批"),
        _alarm(
            "config-approval",
            "UNAPPROVED",
            "high",
            Text(en="A start put a site file in force that nobody applied", zh="启动时生效了未经提交的站点文件"),
            Text(
                en="See `hazardwatch config diff approved running`; then apply the file",
                zh="查看 hazardwatch config diff approved running，然后提交该文件",
            ),
        ),
    ),
    _point(
        "config-override",
        Text(en="Emergency override of the configuration", zh="配置紧急越权"),
        _alarm(
            "config-override",
            "IN-FORCE",
            "high",
            Text(en="Loosened without a second person; it ends by itself", zh="未经第二人批准放宽设定，到时自动恢复"),
            Text(
                en="See `hazardwatch config history`; approve it, or end it with `hazardwatch reject`",
                zh="查看 hazardwatch config history，批准或用 hazardwatch reject 结束",
            ),
        ),
    ),
)
