"""The book of configuration changes in the shapes of the HTTP interface, and in words. Pure."""

from __future__ import annotations

from pathlib import Path

from hazardwatch.api import config_models as models
from hazardwatch.config_book import Book
from pipeline.config_records import ConfigDecision, Difference
from pipeline.outside import iso

_REASONS = {
    "unknown_person": "the site has no such person",
    "note_missing": "say why (--note)",
    "too_long": "an override lasts one shift at most: 8h",
    "override_in_force": "an emergency override is in force: approve it, or reject it first",
    "changed_meanwhile": "the configuration in force has changed since: apply again",
    "part_missing": "the log no longer holds what was proposed: apply again",
    "unknown_change": "there is no such change",
    "not_open": "it is decided already (`hazardwatch config history`)",
    "same_person": "whoever proposed a change cannot approve it; somebody else must look",
}
_WORDS = {
    "approved": "change {change} of {by} is approved by {second} and in force",
    "rejected": "change {change} of {by} is rejected by {second}",
    "expired": "change {change} of {by} was not approved in time",
    "superseded": "change {change} of {by} is void: another configuration came in force",
    "found": "a process put its site file in force (change {change}): nobody applied it",
    "nothing": "nothing to do: this configuration is in force and approved",
}


def difference_out(one: Difference) -> models.DifferenceOut:
    """The outside form."""
    return models.DifferenceOut(
        where=one.where, what=one.what, before=one.before, after=one.after, effect=one.effect, reason=one.reason
    )


def decision_out(decision: ConfigDecision) -> models.DecisionOut:
    """One entry of the record."""
    return models.DecisionOut(
        time=iso(decision.time),
        outcome=decision.outcome,
        change=decision.change,
        by=decision.by,
        second=decision.second,
        token=decision.token,
        note=decision.note,
        reason=decision.reason,
        until=None if decision.until is None else iso(decision.until),
        loosens=decision.loosens,
        differences=[difference_out(one) for one in decision.differences],
        more_differences=decision.more_differences,
        before=decision.before,
        after=decision.after,
        message=message(decision),
    )


def message(decision: ConfigDecision) -> str:
    """The outcome in words."""
    until = "" if decision.until is None else iso(decision.until)
    if decision.outcome == "refused":
        asked = "" if decision.second is None else f" (asked by {decision.second})"
        return f"refused: {_REASONS.get(decision.reason or '', decision.reason or '')}{asked}"
    if decision.outcome == "found" and decision.reason == "first":
        return "the first configuration: " + ", ".join(decision.after)
    if decision.outcome == "pending":
        return (
            f"change {decision.change} waits for a second person until {until}: "
            f"`hazardwatch approve {decision.change} --by OTHER`"
        )
    if decision.outcome == "in_force":
        emergency = f" as an emergency override until {until}" if until else ""
        return f"change {decision.change} of {decision.by} is in force{emergency}"
    if decision.outcome == "ended":
        why = "its time is over" if decision.second is None else f"ended by {decision.second}"
        return f"the override {decision.change} of {decision.by} is over ({why}): the former configuration holds again"
    return _WORDS[decision.outcome].format(change=decision.change, by=decision.by, second=decision.second)


def config_out(book: Book, same_as_file: bool | None, file: Path) -> models.ConfigOut:
    """Which configuration is in force."""
    return models.ConfigOut(
        in_force=book.in_force,
        approved=book.approved == book.in_force,
        same_as_file=same_as_file,
        file=str(file.absolute()),
        open=[
            models.OpenOut(
                change=one.number, by=one.ask.by, note=one.ask.note, override=one.override, until=iso(one.until)
            )
            for one in book.open.values()
        ],
    )
