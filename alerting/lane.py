"""One configured channel while the program runs: its sender, its places, and whether it works.

It neither builds messages nor decides on repeating; alerting.outbox does the one, pipeline.retry the other.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import msgspec
import structlog

from alerting.channels import CHANNELS
from alerting.channels.http import PLACES, client_for
from alerting.channels.message import Message, Receipt
from alerting.gate import Gate
from pipeline.errors import ConfigError, Permanent
from pipeline.site import Channel

DOWN_AFTER = 3
"""So many failures in a row over all messages, and the channel counts as down."""
_HOLD_MS = 60_000
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Health:
    """What does not get through: channel id (or `routing INSTALLATION`) -> why.

    An entry stays for at least a minute, so that one message refused among many accepted is seen; then it goes by
    itself if anything got through since, so that a quiet plant is not said to be cut off.
    """

    _failing: dict[str, str] = field(default_factory=dict)
    _since: dict[str, int] = field(default_factory=dict)
    _works: set[str] = field(default_factory=set)

    def failing(self, now_ms: int) -> dict[str, str]:
        """What does not get through now, for whoever alarms about it."""
        over = [what for what in self._works if now_ms - self._since[what] >= _HOLD_MS]
        for what in over:
            del self._failing[what], self._since[what]
            self._works.discard(what)
        return dict(self._failing)

    def failed(self, what: str, why: str, now_ms: int) -> None:
        """`what` does not get through."""
        self._failing[what] = why
        self._since[what] = now_ms
        self._works.discard(what)

    def worked(self, what: str) -> None:
        """`what` got through."""
        if what in self._failing:
            self._works.add(what)


class Lane:
    """`unbuilt` says that this version does not send by such a channel; `broken` what is wrong with its settings."""

    def __init__(self, channel: Channel, health: Health, transport: httpx.AsyncBaseTransport | None) -> None:
        self.gate = Gate(PLACES)
        self.unbuilt: str | None = None
        self._broken: str | None = None
        self._id = channel.id
        self._health = health
        self._failures = 0
        self._paused: set[asyncio.Event] = set()
        self._client = client_for(channel, transport)
        type_ = CHANNELS.get(channel.type)
        if type_ is None:
            self.unbuilt = f"channel type {channel.type!r} is not sent in this version"
            _log.warning(self.unbuilt, channel=channel.id)
            return
        try:
            self._sender = type_(channel, read_secret(channel), self._client)
        except ConfigError as error:
            self._broken = str(error)
            _log.error("channel cannot be used", channel=channel.id, error=self._broken)

    async def send(self, message: Message) -> Receipt:
        """One attempt. Raises Transient or Permanent."""
        if self._broken is not None:
            raise Permanent(self._broken)
        return await self._sender.send(message)

    async def pause(self, seconds: float, wake: asyncio.Event) -> None:
        """Waits, but not longer than until the channel works again after being down, or `wake` is set."""
        self._paused.add(wake)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await wake.wait()
        finally:
            self._paused.discard(wake)
            wake.clear()

    def failed(self, why: str, now_ms: int, *, for_good: bool) -> None:
        """An attempt failed; `for_good`: its message is lost on this channel."""
        self._failures += 1
        if for_good or self._failures >= DOWN_AFTER:
            self._health.failed(self._id, why, now_ms)

    def worked(self) -> None:
        """An attempt got through. After an outage everything that waits for its next try goes at once."""
        if self._failures >= DOWN_AFTER:
            for wake in self._paused:
                wake.set()
        self._failures = 0
        self._health.worked(self._id)

    async def close(self) -> None:
        """Ends the connections."""
        await self._client.aclose()


class Lanes:
    """All lanes, each opened when its channel is first met. Installations that name the same channel share it."""

    def __init__(self, health: Health, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self.health = health
        self._transport = transport
        self._lanes: dict[bytes, Lane] = {}

    def of(self, channel: Channel) -> Lane:
        """The lane of exactly these settings; changed settings are another lane."""
        settings = msgspec.json.encode(channel)
        if settings not in self._lanes:
            self._lanes[settings] = Lane(channel, self.health, self._transport)
        return self._lanes[settings]

    async def aclose(self) -> None:
        """Ends all connections."""
        for lane in self._lanes.values():
            await lane.close()


def read_secret(channel: Channel) -> bytes | None:
    """The secret the channel names, without white space around it; None where it names none or none is there.

    A secret that is missing is told and the channel used without it: an alarm that a receiver refuses is seen
    as failing, one that was never sent is not. One that may not be read is as good as missing.
    """
    why = None
    if channel.secret_file is not None:
        try:
            secret = Path(channel.secret_file).read_bytes().strip()
        except OSError as error:
            secret, why = b"", error.strerror
    elif channel.secret_env is not None:
        secret = os.environ.get(channel.secret_env, "").strip().encode()
    else:
        return None
    if not secret:
        _log.warning(
            "secret is not there, sending without",
            channel=channel.id,
            secret_env=channel.secret_env,
            secret_file=channel.secret_file,
            why=why or "empty",
        )
    return secret or None
