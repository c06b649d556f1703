"""The three suppressions of one alarm: what beginning and lifting them makes of its facts.

Who may ask, and when one ends by itself, is decided elsewhere.
"""

from __future__ import annotations

from pipeline.model import State
from pipeline.site import Alarm
from tests.oracle.lifecycle import Life, Shelf, Step


def shelve(life: Life, until: int, *, one_shot: bool) -> list[Step]:
    """Shelving again replaces the end."""
    before = _begin(life)
    life.shelf = Shelf(until, one_shot)
    return [Step("shelved", before, life.state(), life.occurrence)]


def take_out(life: Life, until: int) -> list[Step]:
    """Out of service and bypass are one fact per alarm, the later end holds."""
    before = _begin(life)
    life.out_until = until if life.out_until is None else max(until, life.out_until)
    return [Step("out_of_service", before, life.state(), life.occurrence)]


def suppress(life: Life, rule: str) -> list[Step]:
    """One event when the first rule begins."""
    before, first = _begin(life), not life.by_design
    life.by_design.append(rule)
    return [Step("suppressed", before, life.state(), life.occurrence)] if first else []


def unshelve(life: Life, alarm: Alarm) -> list[Step]:
    """The shelf is lifted, by a person, its time or the condition's going off."""
    before, life.shelf = life.state(), None
    return _lifted(life, alarm, "unshelved", before, None)


def put_back(life: Life, alarm: Alarm) -> list[Step]:
    """In service again; time out of service does not count for the latch, but from now on it does."""
    before, life.out_until = life.state(), None
    life.latched |= alarm.latching and life.condition
    return _lifted(life, alarm, "in_service", before, None)


def unsuppress(life: Life, alarm: Alarm, rule: str, received: int) -> list[Step]:
    """One event when the last rule ends."""
    before = life.state()
    life.by_design.remove(rule)
    return [] if life.by_design else _lifted(life, alarm, "unsuppressed", before, received)


def _begin(life: Life) -> State:
    """A wait after an earlier suppression is over; what is unacknowledged now is so since before."""
    before = life.state()
    if not life.suppressed:
        life.unacked_before = life.open and not life.acked
        life.began_suppressed = life.waiting is not None
        life.waiting = None
    return before


def _lifted(life: Life, alarm: Alarm, event: str, before: State, by_design: int | None) -> list[Step]:
    """Next in precedence, or, when the last one is lifted, what the condition makes."""
    number = life.occurrence
    if not life.suppressed:
        if life.condition:
            _on_again(life, alarm, by_design)
        elif not (life.open and (life.latched or life.unacked_before)):
            life.close()
        life.unacked_before = life.began_suppressed = False
    return [Step(event, before, life.state(), number or life.occurrence)]


def _on_again(life: Life, alarm: Alarm, by_design: int | None) -> None:
    """Condition on: UNACK like a new one, but for what suppression by design, lifted last, says otherwise."""
    if by_design is not None:
        if life.acked_at is not None:
            return  # ACKED: acknowledged after it last went on (that nobody has to is said of the other cases only)
        if life.began_suppressed and alarm.on_delay_ms > 0 and not alarm.latching:
            life.close()
            life.waiting = by_design  # raised once it has stayed on for the delay
            return
    if not life.open:
        life.open_new()
    life.acked, life.acked_at = not alarm.ack_required, None


def waited(life: Life, alarm: Alarm, second: int) -> list[Step]:
    """`raised` at the first second at least the delay after the lifting by which the condition has stayed on."""
    if life.waiting is None or second < life.waiting + alarm.on_delay_ms:
        return []
    before = life.state()
    life.open_new()
    life.acked, life.acked_at = not alarm.ack_required, None
    return [Step("raised", before, life.state(), life.number)]
