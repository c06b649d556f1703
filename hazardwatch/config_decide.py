"""What is to be done about configuration changes: asks answered, proposals expired, overrides ended. Pure.

Told the book (what the log says), it gives records for the plant log. It never decides one ask twice: the answer is a
record, and the book that has read it asks no more.
"""

from __future__ import annotations

from typing import NamedTuple

from msgspec.structs import replace

from hazardwatch.config_book import Book, Open
from hazardwatch.config_diff import differences, loosens
from pipeline import records
from pipeline.config_records import FILE, ConfigAsk, ConfigDecision, Difference, Outcome
from pipeline.model import SYSTEM
from pipeline.records import Kind

SHIFT_MS = 8 * 3_600_000
"""An emergency override ends by itself after at most so long."""
PROPOSAL_MS = 72 * 3_600_000
"""A proposal that nobody approved ends by itself: three days, so that a weekend does not end it."""
_EXPLAIN_MS = 10_000
"""Logs of two installations have no common order: so long a decision may come after what it explains."""
_MOST = 500
"""Differences kept in a record; of more the loosening ones first, the rest counted."""
Item = tuple[str, bytes]


class Step(NamedTuple):
    """Records to append together, in this order. `key` names the step: the same one is due until the log shows it."""

    key: str
    items: list[Item]


def next_step(book: Book) -> Step | None:
    """The first thing that is due; None when nothing is."""
    return _timers(book) or _strays(book) or next((_answered(book, ask) for ask in book.waiting.values()), None)


def _timers(book: Book) -> Step | None:
    override = book.override
    for one in book.open.values():
        if one.override and one.until <= book.second:
            return _step(book, _ended(book, one, time=one.until, reason="expired"), one.back)
        if not one.override and one.until <= book.second:
            return _step(book, _closed(one, "expired", one.until))
        if not one.override and override is None and not _based(book, one.ask):
            return _step(book, _closed(one, "superseded", book.second))
    return None


def _strays(book: Book) -> Step | None:
    """What a process put in force from its file, and what a crash kept from being put in force."""
    for installation, (digest, since) in book.unexplained.items():
        if book.second - since >= _EXPLAIN_MS:
            after = {installation: digest}
            found, more = _shown(differences(book.site(book.in_force), book.site(book.in_force | after)))
            return _step(
                book,
                ConfigDecision(
                    outcome="found",
                    time=book.second,
                    change=book.last + 1,
                    by=FILE,
                    before={installation: book.in_force[installation]},
                    after=after,
                    differences=found,
                    more_differences=more,
                ),
            )
    for installation, (digest, since) in book.outstanding.items():
        if book.second - since >= _EXPLAIN_MS:
            return Step(f"again {installation} {digest}", [(installation, _config(book, digest))])
    return None


def _answered(book: Book, ask: ConfigAsk) -> Step:
    if ask.ask == "apply":
        return _apply(book, ask)
    change = book.open.get(ask.change or 0)
    reason = _objection(book, ask, change)
    if reason is not None or change is None:
        return _refused(book, ask, reason or "unknown_change")
    if ask.ask == "reject":
        if change.override:
            return _step(book, _ended(book, change, time=ask.time, ask=ask), change.back)
        return _step(book, _closed(change, "rejected", ask.time, ask))
    parts = {} if change.override else change.ask.parts
    approved = ConfigDecision(
        outcome="approved",
        time=ask.time,
        ask=ask.id,
        change=change.number,
        by=change.ask.by,
        second=ask.by,
        token=ask.token,
        note=ask.note,
        before={id_: book.in_force[id_] for id_ in parts if id_ in book.in_force},
        after=parts,
    )
    return _step(book, approved, parts)


def _objection(book: Book, ask: ConfigAsk, change: Open | None) -> str | None:
    if change is None:
        return "unknown_change" if ask.change is None or ask.change > book.last else "not_open"
    if not _known(book, ask.by):
        return "unknown_person"
    if ask.ask == "reject":
        return None
    if ask.by == change.ask.by:
        return "same_person"
    if not change.override and book.override is not None:
        return "override_in_force"
    return None if change.override or _based(book, change.ask) else "changed_meanwhile"


def _apply(book: Book, ask: ConfigAsk) -> Step:
    reason = _cannot_apply(book, ask)
    if reason is not None:
        return _refused(book, ask, reason)
    wanted = book.site(book.in_force | ask.parts)
    against_running = differences(book.site(book.in_force), wanted)
    unapproved = book.approved != book.in_force and book.override is None
    against_approved = differences(book.site(book.approved), wanted) if unapproved else []
    found, more = _shown(against_running or against_approved)
    loose = loosens(against_running) or loosens(against_approved)
    decision = ConfigDecision(
        outcome="pending" if loose else "in_force",
        time=ask.time,
        ask=ask.id,
        change=book.last + 1,
        by=ask.by,
        token=ask.token,
        note=ask.note,
        reason="against_approved" if loose and not loosens(against_running) else None,
        before={id_: book.in_force[id_] for id_ in ask.parts if id_ in book.in_force},
        after=ask.parts,
        until=ask.time + PROPOSAL_MS if loose else None,
        differences=found,
        more_differences=more,
    )
    if not found:
        return _step(book, replace(decision, outcome="nothing", change=None))
    if ask.emergency_ms is not None and (loose or book.override is not None):
        return _overriding(book, ask, decision)
    return _step(book, decision) if loose else _step(book, decision, ask.parts)


def _overriding(book: Book, ask: ConfigAsk, decision: ConfigDecision) -> Step:
    """In force at once. Another one on top of it ends with the first, and gives way to what held before both."""
    assert ask.emergency_ms is not None
    until, back, first = ask.time + ask.emergency_ms, decision.before, book.override
    items: list[Item] = []
    if first is not None:
        until, back = min(until, first.until), back | first.back
        items = _step(book, _closed(first, "superseded", ask.time)).items
    step = _step(book, replace(decision, outcome="in_force", until=until, before=back, reason="emergency"), ask.parts)
    return Step(step.key, items + step.items)


def _cannot_apply(book: Book, ask: ConfigAsk) -> str | None:
    if not _known(book, ask.by):
        return "unknown_person"
    if not ask.note:
        return "note_missing"
    if ask.emergency_ms is not None and ask.emergency_ms > SHIFT_MS:
        return "too_long"
    if ask.emergency_ms is None and book.override is not None:
        return "override_in_force"
    if not _based(book, ask):
        return "changed_meanwhile"
    return None if all(digest in book.bodies for digest in ask.parts.values()) else "part_missing"


def _based(book: Book, ask: ConfigAsk) -> bool:
    """Whether what is in force is still what the asker saw."""
    return ask.base == book.in_force


def _known(book: Book, person: str) -> bool:
    return any(one.id == person for one in book.site(book.in_force).people)


def _closed(change: Open, outcome: Outcome, time: int, ask: ConfigAsk | None = None) -> ConfigDecision:
    return ConfigDecision(
        outcome=outcome,
        time=time,
        ask=ask.id if ask else None,
        change=change.number,
        by=change.ask.by,
        second=ask.by if ask else None,
        token=ask.token if ask else None,
        note=ask.note if ask else None,
    )


def _ended(
    book: Book, change: Open, *, time: int, ask: ConfigAsk | None = None, reason: str | None = None
) -> ConfigDecision:
    before = {id_: book.in_force[id_] for id_ in change.back}
    return replace(_closed(change, "ended", time, ask), before=before, after=change.back, reason=reason)


def _refused(book: Book, ask: ConfigAsk, reason: str) -> Step:
    refused = ConfigDecision(
        outcome="refused",
        time=ask.time,
        ask=ask.id,
        change=ask.change,
        by=ask.by if ask.ask == "apply" else None,
        second=None if ask.ask == "apply" else ask.by,
        token=ask.token,
        note=ask.note,
        reason=reason,
    )
    return _step(book, refused)


def _step(book: Book, decision: ConfigDecision, parts: dict[str, str] | None = None) -> Step:
    """The decision, then what it puts in force."""
    items: list[Item] = [(SYSTEM, records.encode(decision))]
    items += [(id_, _config(book, digest)) for id_, digest in (parts or {}).items()]
    return Step(f"{decision.ask or decision.change} {decision.outcome}", items)


def _config(book: Book, digest: str) -> bytes:
    return bytes([Kind.CONFIG]) + book.body(digest)


def _shown(found: list[Difference]) -> tuple[tuple[Difference, ...], int]:
    if len(found) > _MOST:
        found = sorted(found, key=lambda one: one.effect != "loosening")
    return tuple(found[:_MOST]), max(0, len(found) - _MOST)
