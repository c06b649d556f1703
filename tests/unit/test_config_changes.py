"""Who may change the configuration of a running service, and what becomes of a proposal: the book and its decisions."""

from __future__ import annotations

import msgspec
import pytest

from hazardwatch.config_book import Book, part_of
from hazardwatch.config_decide import PROPOSAL_MS, SHIFT_MS, next_step
from hazardwatch.system_site import with_system
from pipeline import records
from pipeline.config_records import ConfigAsk, ConfigDecision, ConfigPart
from pipeline.log import Entry
from pipeline.model import SYSTEM, Judged
from pipeline.records import Kind
from pipeline.site import Alarm, Installation, Person, Point, Site, Text

START = 1_800_000_000_000
HOUR = 3_600_000
NAME = Text(en="x", zh="x")
PEOPLE = tuple(Person(id=one, name=one, language="en") for one in ("li", "wu", "chen"))


def site(setpoint: float, on_delay_ms: int = 0) -> Site:
    alarm = Alarm(
        id="A/LT/H", name="H", point="LT", kind="high", alarm_class="process", priority="high",
        setpoint=setpoint, on_delay_ms=on_delay_ms,
    )  # fmt: skip
    point = Point(id="LT", name=NAME, quantity="level", unit="m", low=0, high=10, alarms=(alarm,))
    here = Installation(id="A", name=NAME, points=(point,))
    return with_system(Site(id="plant", name=NAME, installations=(here,), people=PEOPLE))


class Plant:
    """A log in memory: what is appended comes back as the alarm log's copy. `put` is each CONFIG, by setpoint."""

    def __init__(self, setpoint: float = 8.0) -> None:
        self.book = Book()
        self.entries: list[Entry] = []
        self.now = START
        self.asks = 0
        self.put: list[float] = []
        for id_ in ("A", SYSTEM):
            self.append(id_, bytes([Kind.CONFIG]) + part_of(site(setpoint), id_)[1])
        self.pass_to(self.now)

    def append(self, installation: str, data: bytes) -> None:
        if data[0] == Kind.CONFIG and installation == "A":
            alarm = records.decode_site(data).installations[0].points[0].alarms[0]
            self.put.append(alarm.setpoint or 0.0)
        entry = Entry(installation, len(self.entries), self.now, data)
        self.entries.append(entry)
        self.book.fold(entry)

    def pass_to(self, now: int) -> None:
        self.now = now
        self.append(SYSTEM, records.encode(Judged(second=now, position=len(self.entries))))
        self.act()

    def act(self) -> None:
        while (step := next_step(self.book)) is not None:
            for item in step.items:
                self.append(*item)

    def ask(self, ask: ConfigAsk) -> ConfigDecision:
        self.asks += 1
        ask = msgspec.structs.replace(ask, id=str(self.asks), time=self.now)
        self.append(SYSTEM, records.encode(ask))
        self.act()
        answer = self.book.answer(ask.id)
        assert answer is not None
        return answer

    def apply(
        self, wanted: Site, by: str = "li", note: str | None = "why", for_ms: int | None = None, **stale: str
    ) -> ConfigDecision:
        base = self.book.in_force | stale
        parts = {}
        for id_ in base:
            digest, body = part_of(wanted, id_)
            if digest != base[id_]:
                parts[id_] = digest
                self.append(SYSTEM, records.encode(ConfigPart(digest=digest, site=msgspec.Raw(body))))
        ask = ConfigAsk(id="", ask="apply", by=by, token="t", note=note, base=base, parts=parts, emergency_ms=for_ms)
        return self.ask(ask)

    def second(self, ask: str, change: int, by: str) -> ConfigDecision:
        return self.ask(ConfigAsk(id="", ask=ask, by=by, token="t", change=change))  # type: ignore[arg-type]  # a word of Asked

    @property
    def setpoint(self) -> float:
        alarm = self.book.site(self.book.in_force).installations[0].points[0].alarms[0]
        return alarm.setpoint or 0.0


def test_tightening_is_in_force_at_once() -> None:
    plant = Plant()
    decision = plant.apply(site(7.5))
    assert (decision.outcome, decision.by, decision.note, decision.change) == ("in_force", "li", "why", 1)
    assert plant.put == [8.0, 7.5]
    assert plant.book.approved == plant.book.in_force


def test_loosening_waits_and_another_person_puts_it_in_force() -> None:
    plant = Plant()
    proposed = plant.apply(site(8.5))
    assert (proposed.outcome, plant.setpoint) == ("pending", 8.0)
    assert plant.second("approve", 1, "li").reason == "same_person"
    assert plant.second("approve", 1, "nobody").reason == "unknown_person"
    assert plant.setpoint == 8.0
    approved = plant.second("approve", 1, "wu")
    assert (approved.outcome, approved.by, approved.second) == ("approved", "li", "wu")
    assert plant.put == [8.0, 8.5]
    assert plant.second("approve", 1, "wu").reason == "not_open"
    assert plant.second("approve", 9, "wu").reason == "unknown_change"


def test_one_loosening_among_tightenings_is_enough_to_wait() -> None:
    assert Plant().apply(site(7.0, on_delay_ms=1)).outcome == "pending"


def test_a_rejected_proposal_cannot_be_approved() -> None:
    plant = Plant()
    plant.apply(site(8.5))
    assert plant.second("reject", 1, "wu").outcome == "rejected"
    assert plant.second("approve", 1, "wu").reason == "not_open"
    assert plant.put == [8.0]


def test_a_proposal_ends_by_itself() -> None:
    plant = Plant()
    plant.apply(site(8.5))
    plant.pass_to(START + PROPOSAL_MS - 1)
    assert plant.book.open
    plant.pass_to(START + PROPOSAL_MS)
    assert [one.outcome for one in plant.book.history][-1] == "expired"
    assert plant.second("approve", 1, "wu").reason == "not_open"


def test_a_proposal_is_void_once_another_configuration_is_in_force() -> None:
    plant = Plant()
    plant.apply(site(8.5))
    plant.apply(site(7.5), by="wu")
    assert [one.outcome for one in plant.book.history][-1] == "superseded"
    assert plant.second("approve", 1, "wu").reason == "not_open"
    assert plant.setpoint == 7.5


def test_what_was_made_for_another_configuration_is_refused() -> None:
    plant = Plant()
    assert plant.apply(site(7.5), A="0123456789abcdef").reason == "changed_meanwhile"


@pytest.mark.parametrize(("by", "note", "reason"), [("nobody", "why", "unknown_person"), ("li", None, "note_missing")])
def test_an_apply_without_a_name_or_a_reason_is_refused(by: str, note: str | None, reason: str) -> None:
    plant = Plant()
    assert plant.apply(site(7.5), by=by, note=note).reason == reason
    assert plant.setpoint == 8.0


def test_the_configuration_in_force_is_nothing_to_do() -> None:
    assert Plant().apply(site(8.0)).outcome == "nothing"


def test_an_override_is_in_force_at_once_and_gives_way_to_what_was() -> None:
    plant = Plant()
    decision = plant.apply(site(9.0), for_ms=HOUR)
    assert (decision.outcome, decision.until) == ("in_force", START + HOUR)
    assert plant.book.override is not None
    plant.pass_to(START + HOUR - 1000)
    assert plant.setpoint == 9.0
    plant.pass_to(START + HOUR)
    assert plant.setpoint == 8.0
    assert plant.put == [8.0, 9.0, 8.0]
    assert plant.book.override is None
    assert plant.book.approved == plant.book.in_force


def test_an_override_of_more_than_a_shift_is_refused() -> None:
    assert Plant().apply(site(9.0), for_ms=SHIFT_MS + 1).reason == "too_long"


def test_an_emergency_that_loosens_nothing_is_an_ordinary_change() -> None:
    plant = Plant()
    assert plant.apply(site(7.0), for_ms=HOUR).until is None
    assert plant.book.override is None


def test_an_override_can_be_approved_by_another_person_and_then_holds() -> None:
    plant = Plant()
    plant.apply(site(9.0), for_ms=HOUR)
    assert plant.second("approve", 1, "li").reason == "same_person"
    assert plant.second("approve", 1, "wu").outcome == "approved"
    plant.pass_to(START + 2 * HOUR)
    assert plant.put == [8.0, 9.0]
    assert plant.book.approved == plant.book.in_force


def test_rejecting_an_override_ends_it() -> None:
    plant = Plant()
    plant.apply(site(9.0), for_ms=HOUR)
    assert plant.second("reject", 1, "li").outcome == "ended"
    assert plant.setpoint == 8.0


def test_a_second_override_ends_with_the_first_and_gives_way_to_what_was_before_both() -> None:
    plant = Plant()
    plant.apply(site(9.0), for_ms=HOUR)
    plant.pass_to(START + HOUR // 2)
    assert plant.apply(site(9.5), for_ms=HOUR).until == START + HOUR
    assert plant.apply(site(7.0)).reason == "override_in_force"
    plant.pass_to(START + HOUR)
    assert plant.setpoint == 8.0
    assert plant.put == [8.0, 9.0, 9.5, 8.0]


def test_a_site_file_put_in_force_by_a_start_is_on_record_and_not_approved() -> None:
    plant = Plant()
    plant.append("A", bytes([Kind.CONFIG]) + part_of(site(9.0), "A")[1])
    plant.pass_to(START + 10_000)
    found = plant.book.history[-1]
    assert (found.outcome, found.by, found.loosens) == ("found", "file", True)
    assert plant.setpoint == 9.0
    assert plant.book.approved != plant.book.in_force
    assert plant.put == [8.0, 9.0]


def test_what_a_start_loosened_waits_for_a_second_person_when_it_is_applied() -> None:
    plant = Plant()
    plant.append("A", bytes([Kind.CONFIG]) + part_of(site(9.0), "A")[1])
    plant.pass_to(START + 10_000)
    applied = plant.apply(site(9.0))
    assert (applied.outcome, applied.reason) == ("pending", "against_approved")
    assert plant.second("approve", applied.change or 0, "wu").outcome == "approved"
    assert plant.book.approved == plant.book.in_force


def test_a_site_file_that_comes_in_force_ends_an_override() -> None:
    plant = Plant()
    plant.apply(site(9.0), for_ms=HOUR)
    plant.append("A", bytes([Kind.CONFIG]) + part_of(site(8.0), "A")[1])
    plant.pass_to(START + 10_000)
    assert plant.book.override is None
    plant.pass_to(START + HOUR)
    assert plant.put == [8.0, 9.0, 8.0]


def test_a_configuration_seen_before_its_decision_is_explained_by_it() -> None:
    plant = Plant()
    digest, body = part_of(site(7.5), "A")
    ask = ConfigAsk(
        id="x", ask="apply", by="li", token="t", note="why", base=plant.book.in_force, parts={"A": digest}, time=START
    )
    for data in (records.encode(ConfigPart(digest=digest, site=msgspec.Raw(body))), records.encode(ask)):
        plant.append(SYSTEM, data)
    step = next_step(plant.book)
    assert step is not None
    for item in reversed(step.items):
        plant.append(*item)
    plant.pass_to(START + 60_000)
    assert [one.outcome for one in plant.book.history] == ["found", "found", "in_force"]
    assert plant.put == [8.0, 7.5]


def test_what_a_crash_kept_from_coming_in_force_is_put_in_force_again() -> None:
    plant = Plant()
    digest, body = part_of(site(7.5), "A")
    plant.append(SYSTEM, records.encode(ConfigPart(digest=digest, site=msgspec.Raw(body))))
    lost = ConfigDecision(outcome="in_force", time=START, change=1, by="li", after={"A": digest})
    plant.append(SYSTEM, records.encode(lost))
    assert plant.put == [8.0]
    plant.pass_to(START + 10_000)
    assert plant.put == [8.0, 7.5]


def test_an_ask_decided_twice_counts_once() -> None:
    plant = Plant()
    plant.apply(site(9.0), for_ms=HOUR)
    again = next(one for one in plant.entries if one.data[0] == Kind.CONFIG_DECISION)
    before = len(plant.book.history)
    plant.append(SYSTEM, again.data)
    assert len(plant.book.history) == before


def test_the_book_is_the_same_after_every_restart() -> None:
    plant = Plant()
    plant.apply(site(8.5))
    plant.second("approve", 1, "wu")
    plant.apply(site(9.0), for_ms=HOUR)
    anew = Book()
    for entry in plant.entries:
        anew = msgspec.msgpack.decode(msgspec.msgpack.encode(anew), type=Book)
        anew.fold(entry)
    assert anew == plant.book
    assert anew.override is not None


def test_only_needed_bodies_are_kept() -> None:
    plant = Plant()
    for setpoint in (7.5, 7.0, 6.5):
        plant.apply(site(setpoint))
        plant.pass_to(plant.now + HOUR)
    plant.apply(site(6.0))
    assert set(plant.book.bodies) == {*plant.book.in_force.values(), *plant.book.staged}
    assert len(plant.book.bodies) == 2


@pytest.mark.parametrize("wanted", [8.5, 8.4], ids=["the same once more", "a little tighter"])
def test_nothing_asked_for_during_an_override_makes_it_approved_or_outlasts_it(wanted: float) -> None:
    plant = Plant()
    approved = dict(plant.book.approved)
    plant.apply(site(8.5), for_ms=SHIFT_MS)
    plant.apply(site(wanted), by="wu", for_ms=SHIFT_MS)
    assert plant.book.approved == approved
    assert plant.book.override is not None
    plant.pass_to(plant.now + SHIFT_MS)
    assert plant.setpoint == 8.0
    assert plant.book.approved == plant.book.in_force == approved
