"""Whether a position is in an alarm flood, and which alarms chatter: counted from annunciations. Pure.

It tells nobody and holds nothing back; alerting.escalation bundles by it, the board shows it.
"""

from __future__ import annotations

import msgspec

WINDOW_MS = 600_000
BEGINS_ABOVE = 10
ENDS_BELOW = 5
"""More than 10 annunciations in 10 minutes begin a flood, fewer than 5 in 10 minutes end it (ISA-18.2, EEMUA 191)."""
CHATTER_MS = 60_000
CHATTERS_FROM = 3
"""Three or more raises of one alarm in 60 s are chattering (ISA-18.2); it is over after ten quiet minutes."""


class Flood(msgspec.Struct, kw_only=True):
    """Annunciations of the last 10 minutes: log time in ms, ascending. `since` is None outside a flood."""

    times: list[int] = msgspec.field(default_factory=list)
    since: int | None = None

    def annunciated(self, now: int) -> None:
        """One more alarm was announced at `now`."""
        self.times.append(now)
        self.passed(now)

    def passed(self, now: int) -> None:
        """Time went on to `now`, ms; an earlier time changes nothing."""
        gone = 0
        while gone < len(self.times) and self.times[gone] <= now - WINDOW_MS:
            gone += 1
        del self.times[:gone]
        if self.since is None and len(self.times) > BEGINS_ABOVE:
            self.since = now
        elif self.since is not None and len(self.times) < ENDS_BELOW:
            self.since = None


class Chatter(msgspec.Struct, kw_only=True):
    """The last raises of each alarm (log time, ms, at most three) and, for those that chatter, when they last did."""

    raises: dict[str, list[int]] = msgspec.field(default_factory=dict)
    chattered: dict[str, int] = msgspec.field(default_factory=dict)

    def raised(self, alarm: str, now: int) -> None:
        """The alarm went on at `now`, announced or not."""
        times = [*self.raises.get(alarm, ())[-(CHATTERS_FROM - 1) :], now]
        self.raises[alarm] = times
        if len(times) == CHATTERS_FROM and now - times[0] <= CHATTER_MS:
            self.chattered[alarm] = now

    def passed(self, now: int) -> None:
        """Forgets what was long ago; called now and then is enough."""
        for alarm in [one for one, times in self.raises.items() if times[-1] <= now - WINDOW_MS]:
            del self.raises[alarm]
        for alarm in [one for one, last in self.chattered.items() if last <= now - WINDOW_MS]:
            del self.chattered[alarm]
