"""What suppresses alarms now, and which modes were set, as lists show it: who, why, since and until when. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from alerting.facts import Facts
from alerting.lifecycle import Lifecycle
from pipeline.model import Held, Hold, ModeHold


def held(life: Lifecycle, alarms: Iterable[str] | None = None) -> Held:
    """Of these alarms, an empty tuple where nothing suppresses; None: of all that something suppresses."""
    if alarms is None:
        chosen = {id_: _holds(facts) for id_, facts in life.facts.items() if facts.suppressed}
    else:
        chosen = {id_: _holds(life.facts.get(id_, Facts())) for id_ in alarms}
    return Held(alarms=chosen, modes=_modes(life))


def reviews_overdue(life: Lifecycle, now: int) -> int:
    """Alarms out of service whose review was due before `now` (ms)."""
    reviews = (one.out_of_service.review for one in life.facts.values() if one.out_of_service is not None)
    return sum(review is not None and review < now for review in reviews)


def _holds(facts: Facts) -> tuple[Hold, ...]:
    """In order of precedence."""
    holds = []
    if (out := facts.out_of_service) is not None:
        holds.append(
            Hold(
                kind="out_of_service",
                since=out.since,
                until=out.until,
                by=out.by,
                note=out.note,
                permit=out.permit,
                review=out.review,
            )
        )
    holds += [Hold(kind="by_design", since=one.since, rule=one.rule) for one in facts.by_design]
    if (shelf := facts.shelf) is not None:
        holds.append(
            Hold(
                kind="shelved",
                since=shelf.since,
                until=shelf.until,
                by=shelf.by,
                note=shelf.note,
                one_shot=shelf.one_shot,
            )
        )
    return tuple(holds)


def _modes(life: Lifecycle) -> dict[str, ModeHold]:
    return {
        f"{life.catalogue.installation}/{id_}": ModeHold(
            mode=mode.now,
            since=mode.since,
            until=None if mode.timed is None else mode.until,
            by=mode.by or None,
            note=mode.note,
        )
        for id_, mode in life.modes.by_id.items()
        if mode.since
    }
