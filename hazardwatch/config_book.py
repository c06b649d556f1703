"""What the alarm log says of configurations, folded: in force, approved, proposed, and the history of all of it. Pure.

It decides nothing (hazardwatch.config_decide does). The same log gives the same book, so a restart keeps everything.
"""

from __future__ import annotations

import hashlib
import zlib

import msgspec

from pipeline import records
from pipeline.config_records import FILE, ConfigAsk, ConfigDecision, ConfigPart
from pipeline.log import Entry
from pipeline.model import SYSTEM, Judged
from pipeline.records import Kind
from pipeline.site import Site, of_installation
from pipeline.site_record import site_json, site_of

_UNUSED_MS = 600_000
_READ = frozenset({Kind.CONFIG, *records.CHANGE_KINDS})


def digest_of(body: bytes) -> str:
    """The name of a configuration's content."""
    return hashlib.blake2b(body, digest_size=8).hexdigest()


def part_of(site: Site, installation: str) -> tuple[str, bytes]:
    """Digest and JSON of what a CONFIG record of that installation would hold, as it is written once it was read."""
    body = site_json(site_of(site_json(of_installation(site, installation))))
    return digest_of(body), body


def prepared(entry: Entry) -> tuple[str, bytes]:
    """Digest and compressed JSON of a CONFIG record, written anew, so that another version's defaults do not matter.

    Half a second for 10,000 points. Raises BadRecord.
    """
    body = site_json(records.decode_site(entry.data))
    return digest_of(body), zlib.compress(body, 1)


class Open(msgspec.Struct, kw_only=True):
    """A change that waits for a second person; as an override it is in force meanwhile.

    `back`: digests of what held before; what an override gives way to at `until` (ms).
    """

    number: int
    ask: ConfigAsk
    until: int
    override: bool
    back: dict[str, str]


class Book(msgspec.Struct, kw_only=True):
    """All state; also its own snapshot. Digests name contents; `bodies` holds those still needed, compressed.

    `read`: newest position by installation. `second`: log time (ms) of SYSTEM. `unexplained`: in force, but no decision
    says so (yet); `outstanding`: decided, but not seen in force yet; both with the second they were noticed.
    """

    read: dict[str, int] = {}
    second: int = 0
    in_force: dict[str, str] = {}
    approved: dict[str, str] = {}
    bodies: dict[str, bytes] = {}
    staged: dict[str, int] = {}
    waiting: dict[str, ConfigAsk] = {}
    open: dict[int, Open] = {}
    unexplained: dict[str, tuple[str, int]] = {}
    outstanding: dict[str, tuple[str, int]] = {}
    history: list[ConfigDecision] = []
    last: int = 0

    def fold(self, entry: Entry, config: tuple[str, bytes] | None = None) -> bool:
        """One entry of the alarm log; whether anything but time changed. Raises BadRecord, having passed over it.

        `config`: what `prepared` gave for it, if somebody had time for that.
        """
        if entry.position <= self.read.get(entry.installation, -1):
            return False
        self.read[entry.installation] = entry.position
        kind = entry.data[0] if entry.data else None
        if kind == Kind.JUDGED and entry.installation == SYSTEM:
            judged = records.decode(entry.data)
            assert isinstance(judged, Judged)
            self.second = max(self.second, judged.second)
            return False
        if kind not in _READ:
            return False
        if kind == Kind.CONFIG:
            self._configured(entry.installation, entry.stamp, *(config or prepared(entry)))
            return True
        match records.decode(entry.data):
            case ConfigPart() as part:
                self._keep(part.digest, bytes(part.site))
                self.staged[part.digest] = self.second
            case ConfigAsk() as ask:
                if self.answer(ask.id) is None:
                    self.waiting[ask.id] = ask
            case ConfigDecision() as decision:
                self._decided(decision)
        return True

    def answer(self, ask: str) -> ConfigDecision | None:
        """What was decided of an ask."""
        return next((one for one in reversed(self.history) if one.ask == ask), None)

    @property
    def override(self) -> Open | None:
        """The emergency override in force."""
        return next((one for one in self.open.values() if one.override), None)

    def site(self, digests: dict[str, str]) -> Site:
        """The whole site of the parts named; what installations share is SYSTEM's word."""
        parts = {id_: site_of(self.body(digest)) for id_, digest in digests.items()}
        shared = parts.get(SYSTEM) or next(iter(parts.values()))
        return msgspec.structs.replace(
            shared, installations=tuple(one for part in parts.values() for one in part.installations)
        )

    def body(self, digest: str) -> bytes:
        """The JSON behind a digest. Raises KeyError for one that was never there or is needed no more."""
        return zlib.decompress(self.bodies[digest])

    def _keep(self, digest: str, body: bytes) -> None:
        if digest not in self.bodies and digest_of(body) == digest:
            self.bodies[digest] = zlib.compress(body, 1)

    def _configured(self, installation: str, stamp: int, digest: str, packed: bytes) -> None:
        """A CONFIG record."""
        self.bodies[digest] = packed
        known = self.in_force.get(installation)
        if known is None:
            self.in_force[installation] = self.approved[installation] = digest
            first = ConfigDecision(outcome="found", time=stamp, by=FILE, reason="first", after={installation: digest})
            self.history.append(first)
        elif known == digest:
            self.outstanding.pop(installation, None)
            self.unexplained.pop(installation, None)
        else:
            self.unexplained[installation] = (digest, self.second)
        self._forget()

    def _decided(self, decision: ConfigDecision) -> None:
        if decision.ask is not None and self.answer(decision.ask) is not None:
            return  # decided twice, by two that both took themselves for the owner: the first one counts
        ask = self.waiting.pop(decision.ask, None) if decision.ask is not None else None
        change = self.open.get(decision.change) if decision.change is not None else None
        self.history.append(decision)
        self.last = max(self.last, decision.change or 0)
        if decision.outcome in ("in_force", "approved", "ended", "found"):
            self._put(decision.after)
        if decision.outcome in ("in_force", "pending") and decision.until is not None and ask is not None:
            back = decision.before
            override = decision.outcome == "in_force"
            assert decision.change is not None
            self.open[decision.change] = Open(
                number=decision.change, ask=ask, until=decision.until, override=override, back=back
            )
        elif decision.outcome in ("in_force", "approved", "nothing") and (self.override in (None, change)):
            self.approved = dict(self.in_force)
        if decision.outcome in ("approved", "rejected", "expired", "superseded", "ended") and change is not None:
            del self.open[change.number]
        if decision.outcome == "found":
            self.open = {number: one for number, one in self.open.items() if not one.override}
        self._forget()

    def _put(self, after: dict[str, str]) -> None:
        for installation, digest in after.items():
            seen = self.unexplained.get(installation)
            if self.in_force.get(installation) != digest and (seen is None or seen[0] != digest):
                self.outstanding[installation] = (digest, self.second)
            if seen is not None and seen[0] == digest:
                del self.unexplained[installation]
            self.in_force[installation] = digest

    def _forget(self) -> None:
        """Bodies that nothing needs any more."""
        self.staged = {digest: at for digest, at in self.staged.items() if self.second - at < _UNUSED_MS}
        needed = {*self.in_force.values(), *self.approved.values(), *self.staged}
        needed |= {digest for digest, _ in [*self.unexplained.values(), *self.outstanding.values()]}
        for ask in [*self.waiting.values(), *(one.ask for one in self.open.values())]:
            needed |= {*ask.parts.values()}
        for one in self.open.values():
            needed |= {*one.back.values()}
        self.bodies = {digest: body for digest, body in self.bodies.items() if digest in needed}
