"""The one place that asks the time. Logic never calls it; edges do and pass the answer on."""

import time


def now_ms() -> int:
    """Wall clock, epoch milliseconds UTC."""
    return time.time_ns() // 1_000_000


def monotonic_s() -> float:
    """Seconds that only run forward, for timeouts and rates; meaningless between processes."""
    return time.monotonic()
