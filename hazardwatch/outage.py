"""When people are told past the log that the log takes no records, and in which words. Pure.

Who they are, and how a message gets to them, is hazardwatch.direct_path's.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from pipeline.model import SYSTEM, Event, State
from pipeline.site import Text

ALARM_ID = f"{SYSTEM}/log"
"""Named like an alarm, for those who are told. The log does not know it: there is nothing to acknowledge."""
REFUSED_S = 10.0
"""Devices and the engine try again meanwhile; what is over sooner is no outage."""
QUIET_S = 5.0
"""Without trouble for so long: it is over. One record taken between refusals is not the end."""
REPEAT_S = 15 * 60.0

CAUSE = Text(
    en="hazardwatch cannot write its log (disk full or failing)", zh="hazardwatch 无法写入日志（磁盘已满或故障）"
)
CONSEQUENCE = Text(
    en="Readings are not taken, nothing is judged, no alarm will come; devices keep and resend what they can",
    zh="数据未被接收，不作判断，不会有报警；设备会缓存并重发",
)
ACTION = Text(
    en="Watch the plant by other means. Make room on the disk of the data folder",
    zh="立即用其他方式监视装置，并清理数据目录所在磁盘",
)


class Tell(StrEnum):
    """What is to be told; the values are the event names of the contract."""

    BEGAN = "raised"
    STILL = "reraised"
    OVER = "cleared"


@dataclass(slots=True)
class Outage:
    """Whether there is one. `since_s`: when the trouble began, on the clock given to `look`; None without trouble."""

    since_s: float | None = None
    _latest_s: float = 0.0
    _told_s: float | None = None

    def look(self, now_s: float, trouble: str | None) -> Tell | None:
        """To be asked every second or so; `trouble` is None while the log takes what it is given."""
        if trouble is not None:
            return self._goes_on(now_s)
        if self.since_s is None or now_s - self._latest_s < QUIET_S:
            return None
        told = self._told_s is not None
        self.since_s = self._told_s = None
        return Tell.OVER if told else None

    def _goes_on(self, now_s: float) -> Tell | None:
        if self.since_s is None:
            self.since_s = now_s
        self._latest_s = now_s
        if self._told_s is None:
            if now_s - self.since_s < REFUSED_S:
                return None
            self._told_s = now_s
            return Tell.BEGAN
        if now_s - self._told_s < REPEAT_S:
            return None
        self._told_s = now_s
        return Tell.STILL


def event_of(tell: Tell, began_ms: int, now_ms: int, why: str) -> Event:
    """The event that tells it. The ids are the same for everybody who is told, and new each time."""
    occurrence = _id(Tell.BEGAN, began_ms)
    return Event(
        event_id=occurrence if tell is Tell.BEGAN else _id(tell, now_ms),
        seq=0,
        time=began_ms if tell is Tell.BEGAN else now_ms,
        decided=now_ms,
        alarm=ALARM_ID,
        occurrence=occurrence,
        event=tell.value,
        from_state=State.NORMAL if tell is Tell.BEGAN else State.UNACK,
        state=State.NORMAL if tell is Tell.OVER else State.UNACK,
        priority="critical",
        value=None,
        setpoint=None,
        unit=None,
        actor=None,
        note=why,
        reason="log",
    )


def words(tell: Tell, began_ms: int, now_ms: int, site: Text, zone: str) -> Text:
    """What people read. No two of these texts are the same: providers drop messages that repeat another's words."""
    began, now = (f"{datetime.fromtimestamp(ms / 1000, ZoneInfo(zone)):%H:%M:%S}" for ms in (began_ms, now_ms))
    minutes = (now_ms - began_ms) // 60_000
    if tell is Tell.OVER:
        return Text(
            en=f"{site.en}: hazardwatch's log takes records again, at {now}; it took none since {began}. "
            "Devices now resend what they kept",
            zh=f"{site.zh}：hazardwatch 日志 {now} 恢复写入（{began} 起中断），设备将补传缓存数据",
        )
    lasts = f"has taken no records for {minutes} min" if tell is Tell.STILL else f"takes no records since {began}"
    lasts_zh = f"已 {minutes} 分钟无法写入" if tell is Tell.STILL else f"自 {began} 起无法写入"
    return Text(
        en=f"[CRITICAL] {site.en}: hazardwatch's log {lasts}. {CONSEQUENCE.en}. Action: {ACTION.en}. {now}",
        zh=f"[紧急] {site.zh}：hazardwatch 日志{lasts_zh}。{CONSEQUENCE.zh}。措施：{ACTION.zh}。{now}",
    )


def _id(tell: Tell, ms: int) -> str:
    return hashlib.sha256(f"{ALARM_ID}:{tell.value}:{ms}".encode()).hexdigest()[:32]
