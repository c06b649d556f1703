"""What is known of the running demo, gathered from the service's doors, the publisher and the phone.

It asks in its own time and keeps the answers; it draws nothing and orders nothing.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field, replace
from pathlib import Path

from hazardwatch.demo import rows
from hazardwatch.demo.answers import Hop, Latest, StandingAlarm
from hazardwatch.demo.doors import Away, Doors
from hazardwatch.demo.folder import commands
from hazardwatch.demo.sections import SMS
from hazardwatch.demo.state import Counts, DemoState, Message, Phase, Service, Told
from hazardwatch.demo.tally import Mark, Tally
from pipeline.clock import now_ms
from pipeline.site import Site
from simulators.desk import Seen
from simulators.publisher import Publisher
from simulators.receiver import Message as Received

_KEPT = 200


@dataclass(slots=True)
class Watch:
    """Everything the screen needs. `installation` is the one the plant publishes for."""

    site: Site
    installation: str
    language: str
    data: Path
    here: Path
    started_ms: int
    publisher: Publisher
    tally: Tally
    service: Service
    standing: list[StandingAlarm] = field(default_factory=list)
    standing_at_ms: int | None = None
    hops: list[Hop] = field(default_factory=list)
    latest: dict[str, Latest] = field(default_factory=dict)
    trends: dict[str, list[float]] = field(default_factory=dict)
    stored: int | None = None
    whole_ms: int | None = None
    """Everything sent up to this device time is stored once; None: something is missing, or not counted yet."""
    recovered_ms: int | None = None
    """When the service came back, until everything from before is known to be stored."""
    messages: deque[Message] = field(default_factory=lambda: deque(maxlen=_KEPT))
    told: deque[Told] = field(default_factory=lambda: deque(maxlen=_KEPT))

    def tell(self, text: str, at_ms: int | None = None) -> None:
        """Something happened that people should see."""
        self.told.append(Told(now_ms() if at_ms is None else at_ms, text))

    def phase(self, phase: Phase, pid: int | None) -> None:
        """The child process entered a new phase of its life."""
        if phase == "killed":
            self.whole_ms = None
        self.service = Service(phase, now_ms(), pid)

    def phone_rang(self, message: Received) -> None:
        """A message arrived at the receiver."""
        if message.kind == "sms":
            person = next((one.name for one in self.site.people if one.phone == message.to), message.to or "")
            self.messages.append(Message(message.received_at, SMS, person, message.text))
        else:
            self.messages.append(Message(message.received_at, "webhook", "control-room", message.text))

    def seen(self) -> list[Seen]:
        """What the simulated operator sees."""
        return rows.seen_by_the_operator(self.standing)

    @property
    def counts(self) -> Counts:
        """Sent, acknowledged, stored."""
        return Counts(
            self.publisher.published, self.publisher.acknowledged, self.stored, whole=self.whole_ms is not None
        )

    async def alarms(self, doors: Doors) -> None:
        """Ask what stands, and for the counters."""
        answer = await doors.standing()
        self.standing, self.standing_at_ms = answer.alarms, now_ms()
        self.service = replace(self.service, detail="; ".join(answer.warnings))
        self.hops = await doors.hops()

    async def values(self, doors: Doors) -> None:
        """Ask the history for the newest readings."""
        self.latest = await doors.latest(self.installation)

    async def curves(self, doors: Doors) -> None:
        """Ask the history for the last minutes of every point, and count what it has."""
        self.trends = await doors.trends(self.installation)
        await self.count(doors, self.tally.cut(now_ms()))

    async def count(self, doors: Doors, cut: Mark) -> None:
        """Compare what was published up to `cut` with what is stored of it."""
        settled = self.tally.settled
        up_to_cut, all_ = await doors.stored(self.installation, settled.time_ms, cut.time_ms)
        self.stored = settled.total + all_
        self.whole_ms = cut.time_ms if self.tally.agrees(cut, up_to_cut) else None

    def snapshot(self) -> DemoState:
        """Everything at this moment."""
        now = now_ms()
        installations = self.site.installations
        alarms = rows.alarm_rows(installations, self.standing, self.language)
        home = next(one for one in installations if one.id == self.installation)
        open_alarm = next((row.id for row in alarms if row.wants_somebody), None)
        name = self.site.name
        return DemoState(
            now_ms=now,
            elapsed_s=(now - self.started_ms) / 1000,
            timezone=self.site.timezone,
            site=name.zh if self.language == "zh-CN" else name.en,
            service=self.service,
            points=rows.point_rows(home, self.latest, self.trends, alarms, now, self.language),
            alarms=alarms,
            alarms_at_ms=self.standing_at_ms,
            messages=tuple(self.messages),
            hops=rows.hop_rows(self.hops),
            counts=self.counts,
            told=tuple(self.told),
            commands=commands(self.data, open_alarm, self.service.pid, self.here),
        )


async def keep_asking(watch: Watch, doors: Doors) -> None:
    """Ask everything in turn while the service runs; what cannot be answered now is asked again."""
    turn = 0
    while True:
        if watch.service.phase == "running":
            try:
                await watch.alarms(doors)
                if turn % 2 == 0:
                    await watch.values(doors)
                if turn % 4 == 0:
                    await watch.curves(doors)
            except Away:
                # The service was just killed, or its database: the screen says how old the picture is.
                watch.whole_ms = None
        turn += 1
        await asyncio.sleep(0.5)
