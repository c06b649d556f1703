"""What is new from one snapshot to the next, as plain lines: the demo where there is no terminal. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from hazardwatch.demo.sections import sums
from hazardwatch.demo.state import DemoState
from hazardwatch.demo.texts import Words
from hazardwatch.demo.words import clock

_EVERY_S = 10


def news(before: DemoState | None, now: DemoState, words: Words) -> Iterator[str]:
    """Lines for what has happened since `before` (None: everything is new)."""
    at = clock(now.now_ms, now.timezone)
    service = now.service
    if before is None or (before.service.phase, before.service.detail) != (service.phase, service.detail):
        yield f"{at} service: {words.phases[service.phase].format(pid=service.pid)}  {service.detail}".rstrip()
    known = set(before.told) if before else set()
    yield from (f"{clock(one.at_ms, now.timezone)} {one.text}" for one in now.told if one not in known)
    yield from _alarms(before, now, words)
    heard = set(before.messages) if before else set()
    for message in now.messages:
        if message not in heard:
            yield f"{clock(message.at_ms, now.timezone)} {message.channel} {message.to}: {message.text}"
    if before and int(before.elapsed_s // _EVERY_S) != int(now.elapsed_s // _EVERY_S):
        yield f"{at}{sums(now, words).plain}"


def _alarms(before: DemoState | None, now: DemoState, words: Words) -> Iterator[str]:
    stood = {row.id: row.state for row in before.alarms} if before else {}
    for row in now.alarms:
        if stood.pop(row.id, None) != row.state:
            at, action = clock(row.since_ms, now.timezone), f"  → {row.action}" if row.action else ""
            state = f"{words.priorities[row.priority]} {row.id} {words.states.get(row.state, row.state)}"
            yield f"{at} {state}  {row.value} {row.setpoint}{action if row.wants_somebody else ''}"
    for alarm in stood:
        yield f"{clock(now.now_ms, now.timezone)} {alarm} {words.normal}"
