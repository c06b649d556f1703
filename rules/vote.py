"""`vote`: k out of n detectors, and what a lost detector counts for. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from pipeline.site import Vote
from rules.counted import Turn


class What(StrEnum):
    """What happened to a member. Its point was lost (STALE, or bad without being judged), judged; it was taken out."""

    JUDGED = "judged"
    BACK = "back"
    LOST = "lost"
    OUT = "out"
    ON = "on"
    OFF = "off"


_FIRST = (What.JUDGED, What.BACK, What.LOST, What.OUT)
"""At one time these come before conditions: what a lost member's condition then does no longer counts."""


class MemberTurn(NamedTuple):
    """One thing that happened to one member (alarm id) at `time` (ms)."""

    member: str
    time: int
    what: What


@dataclass(slots=True)
class Member:
    """`counts`: counts as on now. `keeps`: lost or taken out while the vote was on; counts until judged again.

    `before`: its condition as it was before it was lost.
    """

    condition: bool = False
    lost: bool = False
    out: bool = False
    counts: bool = False
    keeps: bool = False
    before: bool = False

    @property
    def fails(self) -> bool:
        """Lost or out of service."""
        return self.lost or self.out

    def turn(self, what: What, on_fault: str, *, vote_on: bool) -> None:
        """Apply one turn; `vote_on` as it was before."""
        if what in (What.ON, What.OFF):
            self.condition = what is What.ON
        elif what is What.LOST:
            self.before = self.before if self.lost else self.condition
            self.lost = True
        elif what is What.JUDGED:
            self.lost = self.keeps = False
        else:
            self.out = what is What.OUT
        if what in (What.LOST, What.OUT) and vote_on and self.counts:
            self.keeps = True
        if not self.keeps:
            self.counts = self._counts(on_fault)

    def _counts(self, on_fault: str) -> bool:
        if self.out:
            return False
        if not self.lost:
            return self.condition
        return self.before if on_fault == "hold" else on_fault == "trip"


@dataclass(slots=True)
class VoteRule:
    """On while at least `need` members count as on; `degraded` while any member is lost or out of service.

    `changed`: its members are others since it was looked at last.
    """

    vote: Vote
    members: dict[str, Member] = field(default_factory=dict)
    on: bool = False
    degraded: bool = False
    changed: bool = False

    def __post_init__(self) -> None:
        self.members = {member: Member() for member in self.vote.of}

    def take(self, turns: Iterable[MemberTurn]) -> tuple[list[Turn], list[Turn]]:
        """Turns of the vote and of its degraded alarm, from what happened at one accepted time, second or command."""
        votes: list[Turn] = []
        degrades: list[Turn] = []
        mine = [turn for turn in turns if turn.member in self.members]
        self.changed = self.changed and not mine
        for turn in sorted(mine, key=lambda each: (each.time, each.what not in _FIRST)):
            self.members[turn.member].turn(turn.what, self.vote.on_fault, vote_on=self.on)
            on = sum(member.counts for member in self.members.values()) >= self.vote.need
            if on != self.on:
                self.on = on
                votes.append(Turn(on, turn.time))
            degraded = any(member.fails for member in self.members.values())
            if degraded != self.degraded:
                self.degraded = degraded
                degrades.append(Turn(degraded, turn.time))
        return votes, degrades
