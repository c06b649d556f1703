"""What went through each hop, for /metrics and `status`: in, out, refused, waiting, lag.

For every hop: received = passed + refused + waiting. Counted per batch, never per reading.
"""

from __future__ import annotations

from prometheus_client import Counter, Gauge

RECEIVED = Counter("hazardwatch_received", "Items that came into a hop", ["hop"])
PASSED = Counter("hazardwatch_passed", "Items a hop handed on", ["hop"])
REFUSED = Counter("hazardwatch_refused", "Items a hop refused, by reason", ["hop", "reason"])
WAITING = Gauge("hazardwatch_waiting", "Items inside a hop", ["hop"])
PASSED_OVER = Counter("hazardwatch_passed_over", "Records of the log a reader could not read", ["reader"])
LAG_S = Gauge("hazardwatch_lag_seconds", "Age of the newest item a hop has finished, when it finished it", ["hop"])


class Hop:
    """The counters of one hop (listener, collector, log, engine, historian, notifier)."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._received = RECEIVED.labels(name)
        self._passed = PASSED.labels(name)
        self._waiting = WAITING.labels(name)
        self._lag = LAG_S.labels(name)

    def received(self, count: int) -> None:
        """`count` items came in."""
        self._received.inc(count)

    def passed(self, count: int) -> None:
        """`count` items were handed on, durably."""
        self._passed.inc(count)

    def refused(self, count: int, reason: str) -> None:
        """`count` items were refused for `reason` (a short fixed word)."""
        REFUSED.labels(self.name, reason).inc(count)

    def waiting(self, count: int) -> None:
        """`count` items are inside now."""
        self._waiting.set(count)

    def lag(self, seconds: float) -> None:
        """How old the newest finished item was when it was finished."""
        self._lag.set(seconds)
