"""Which segments of a topic may be deleted, and why. Pure.

It does not delete (local_housekeeping.py does). Only whole segments go, oldest first: deleting a file needs no
room on a full disk and holds up no append.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from pipeline.local_catalogue import Trimmed

FOR_EVER = 2**62
"""A claim at this position needs nothing any more: of an owner or an installation that is no longer configured."""
_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Keep:
    """How long entries stay: until older than `age_ms` or until the topic is larger than `size_bytes`."""

    age_ms: int
    size_bytes: int


KEEP_PLANT = Keep(30 * _DAY_MS, 20 << 30)
"""The plant log is what the alarms can be judged again from; 20 GiB are a day of 10,000 points at 1 Hz."""
KEEP_ALARM = Keep(400 * _DAY_MS, 2 << 30)
"""Small, and asked for longest: over a year, so that a year can be compared with the one before."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A segment that is complete. `installations`: (first, last) position of each in it; `stamp` of its last entry."""

    first: int
    installations: Mapping[str, tuple[int, int]]
    stamp: int
    size: int


@dataclass(frozen=True, slots=True)
class Drop:
    """A segment to delete. `holes`: (owner, installation, from, to) that an owner had not read yet."""

    segment: Sealed
    reason: str  # age, size, space
    holes: tuple[tuple[str, str, int, int], ...] = ()

    def records(self, topic: str, now: int) -> list[Trimmed]:
        """What is to be remembered of it."""
        plain = [Trimmed(topic, i, low, high, False, "", now) for i, (low, high) in self.segment.installations.items()]
        return plain + [Trimmed(topic, i, low, high, True, owner, now) for owner, i, low, high in self.holes]


def unread(segment: Sealed, claims: Mapping[tuple[str, str], int]) -> list[tuple[str, str, int, int]]:
    """(owner, installation, from, to) of what claims, by (owner, installation), still need of a segment."""
    found = []
    for (owner, installation), position in claims.items():
        low, high = segment.installations.get(installation, (0, 0))
        if high > position:
            found.append((owner, installation, max(low, position + 1), high))
    return sorted(found)


def choose(
    sealed: Sequence[Sealed],
    claims: Mapping[tuple[str, str], int],
    keep: Keep,
    *,
    now: int,
    short_bytes: int,
    give_up: Collection[str],
) -> list[Drop]:
    """The segments to delete, oldest first; `sealed` in order.

    `short_bytes`: what the disk lacks to its floor (<= 0: nothing).
    Claims are respected, except that for want of space those of the owners in `give_up` are not.
    """
    drops: list[Drop] = []
    size = sum(segment.size for segment in sealed)
    for segment in sealed:
        if short_bytes > 0:
            reason = "space"
        elif size > keep.size_bytes:
            reason = "size"
        elif now - segment.stamp > keep.age_ms:
            reason = "age"
        else:
            break
        holes = unread(segment, claims)
        if any(reason != "space" or owner not in give_up for owner, *_ in holes):
            break
        drops.append(Drop(segment, reason, tuple(holes)))
        size -= segment.size
        short_bytes -= segment.size
    return drops
