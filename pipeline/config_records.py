"""What the log keeps of configuration changes: the wanted parts, what people asked, what was decided. Values only.

All three are records of SYSTEM's plant log, and copied into its alarm log for those who read only that. Who decides is
hazardwatch.config_decide; what is in force is still said by CONFIG records alone.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Effect = Literal["loosening", "tightening", "neutral"]
Asked = Literal["apply", "approve", "reject"]
Outcome = Literal[
    "in_force",  # put in force: nothing in it loosens, or (with `until`) as an emergency override
    "pending",  # waits for a second person
    "approved",  # by a second person, and in force
    "rejected",
    "expired",  # nobody approved it in time
    "superseded",  # another configuration came in force meanwhile
    "ended",  # an override is over: the former configuration holds again
    "found",  # in force without having been asked for: a process put its site file in force
    "refused",
    "nothing",  # it was in force already
]
FILE = "file"
"""The actor of what a process's own site file put in force: nobody has said who wrote it."""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One changed attribute. `where`: an id of the site (an alarm's, INSTALLATION/POINT ...); `before`, `after`: JSON.

    `reason` names why it loosens or tightens: longer_delay, limit_moved_away ...
    """

    where: str
    what: str
    before: Any
    after: Any
    effect: Effect
    reason: str


class ConfigPart(msgspec.Struct, frozen=True, kw_only=True):
    """One installation's configuration that somebody wants, as a CONFIG record would hold it."""

    digest: str
    site: msgspec.Raw


class ConfigAsk(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a person asked for. `id` lets the asker find the answer; `token` is what they came with.

    `base`, `parts`: digest by installation of what was in force and of what is wanted (only those that differ).
    `time` (ms, the plant log's stamp) is filled in in the copy of the alarm log.
    """

    id: str
    ask: Asked
    by: str
    token: str
    note: str | None = None
    change: int | None = None
    base: dict[str, str] = {}
    parts: dict[str, str] = {}
    emergency_ms: int | None = None
    time: int = 0


class ConfigDecision(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What came of an ask, of time passing, or of a site file. `ask` None: nobody asked.

    `change` numbers the changes of a site; `by` proposed it (or `file`), `second` approved, rejected or
    ended it; `token` and `note` are those of who asked for this.
    `before`, `after`: digests by installation; `until` (ms): end of an override, or of a proposal.
    """

    outcome: Outcome
    time: int
    ask: str | None = None
    change: int | None = None
    by: str | None = None
    second: str | None = None
    token: str | None = None
    note: str | None = None
    reason: str | None = None
    before: dict[str, str] = {}
    after: dict[str, str] = {}
    until: int | None = None
    differences: tuple[Difference, ...] = ()
    more_differences: int = 0

    @property
    def loosens(self) -> bool:
        """Whether anything in it loosens."""
        return any(one.effect == "loosening" for one in self.differences)
