"""Every kind of rule there is, by the word of the site file. A new kind is one file and one line here."""

from rules.cusum import CumulativeSum
from rules.digital import Digital
from rules.ewma import ExponentialAverage
from rules.flatline import FlatLine
from rules.joint import JOINT_KINDS
from rules.kind import Kind
from rules.level import High, Low
from rules.noise import NoiseKind
from rules.rate import RateOfChange
from rules.time_to_limit import TimeToLimitKind

KINDS: dict[str, type[Kind]] = {
    "high": High,
    "low": Low,
    "digital": Digital,
    "rate": RateOfChange,
    "time_to_limit": TimeToLimitKind,
    "flatline": FlatLine,
    "noise": NoiseKind,
    "cusum": CumulativeSum,
    "ewma": ExponentialAverage,
}

QUALITY_KINDS = frozenset({"stale", "bad", "late", "clock"})
"""Alarms of every point about its own reading; judged in rules.quality."""

JUDGED_KINDS = frozenset(KINDS) | QUALITY_KINDS | JOINT_KINDS | {"count", "by_mode", "suppress", "gateway"}
"""What this version judges; everything else in a site file is a warning."""
