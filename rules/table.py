"""Every kind of rule there is, by the word of the site file. A new kind is one file and one line here."""

from rules.digital import Digital
from rules.kind import Kind
from rules.level import High, Low
from rules.rate import RateOfChange

KINDS: dict[str, type[Kind]] = {
    "high": High,
    "low": Low,
    "digital": Digital,
    "rate": RateOfChange,
}

QUALITY_KINDS = frozenset({"stale", "bad", "late", "clock"})
"""Alarms of every point about its own reading; judged in rules.quality."""

JUDGED_KINDS = frozenset(KINDS) | QUALITY_KINDS
"""What this version judges; everything else in a site file is a warning."""
