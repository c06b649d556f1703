"""What suppresses an alarm, or the mode of an equipment, in one phrase: who, for how long, how much is left, why."""

from __future__ import annotations

from typing import Any


def told(hold: dict[str, Any]) -> str:
    """`shelved by li.wei for 25 min, 5 min left: gauge being cleaned`."""
    kind = f"by design ({hold['rule']})" if hold["kind"] == "by_design" else hold["kind"].replace("_", " ")
    more = f", permit {hold['permit']}" if hold["permit"] else ""
    if hold["overdue"]:
        more += f", review overdue since {hold['review']}"
    return f"{kind}{more}{span_of(hold)}"


def span_of(hold: dict[str, Any]) -> str:
    """Who, for how long, how much is left, why."""
    by = f" by {hold['by']}" if hold["by"] else ""
    left = "" if hold["left_s"] is None else f", {_length(hold['left_s'])} left"
    return f"{by} for {_length(hold['age_s'])}{left}" + (f": {hold['note']}" if hold["note"] else "")


def _length(seconds: float) -> str:
    minutes = int(seconds) // 60
    if minutes < 1:
        return f"{int(seconds)} s"
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
