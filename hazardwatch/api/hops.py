"""The counters of all hops as rows for /api/v1/status. Reads the metrics; counts nothing itself."""

from __future__ import annotations

from typing import Any

from prometheus_client.metrics import MetricWrapperBase

from pipeline.metrics import LAG_S, PASSED, RECEIVED, REFUSED, WAITING


def hops() -> list[dict[str, Any]]:
    """One row per hop, in the order in which they first counted. `unaccounted` is zero unless something is lost.

    `lag_s` is None for a hop that measures none.
    """
    received, passed = _by_hop(RECEIVED), _by_hop(PASSED)
    waiting, lag = _by_hop(WAITING), _by_hop(LAG_S)
    refused: dict[str, dict[str, int]] = {}
    for labels, value in _samples(REFUSED):
        refused.setdefault(labels["hop"], {})[labels["reason"]] = round(value)
    names = list(dict.fromkeys([*received, *passed, *refused]))
    return [
        {
            "hop": name,
            "received": round(received.get(name, 0)),
            "passed": round(passed.get(name, 0)),
            "refused": refused.get(name, {}),
            "waiting": round(waiting.get(name, 0)),
            "lag_s": lag.get(name),
            "unaccounted": round(received.get(name, 0))
            - round(passed.get(name, 0))
            - sum(refused.get(name, {}).values())
            - round(waiting.get(name, 0)),
        }
        for name in names
    ]


def _by_hop(metric: MetricWrapperBase) -> dict[str, float]:
    return {labels["hop"]: value for labels, value in _samples(metric)}


def _samples(metric: MetricWrapperBase) -> list[tuple[dict[str, str], float]]:
    return [
        (sample.labels, sample.value)
        for family in metric.collect()
        for sample in family.samples
        if not sample.name.endswith("_created")
    ]
