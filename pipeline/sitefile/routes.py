"""`notify` as written -> `pipeline.site.Notify`, and whether every step really reaches somebody. It sends nothing."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from pipeline.site import Channel, Escalation, Installation, Notify, Step
from pipeline.sitefile.channels import with_fallbacks
from pipeline.sitefile.context import NOWHERE, Context
from pipeline.sitefile.explain import checked
from pipeline.sitefile.fault import listing, nearest, shown
from pipeline.sitefile.scalars import duration_text
from pipeline.sitefile.staff import Staff, reporting_line
from pipeline.sitefile.tree import Mapping, Mark
from pipeline.sitefile.written_site import EscalationWritten, NotifyWritten

_OWNER = re.compile(r"owner(?:\+([1-9][0-9]?))?\Z")
SMS = "sms_http"


def read_notify(tree: Mapping, router: Router, context: Context) -> Notify:
    """The routes of the whole file."""
    raw = tree.get("notify")
    mark = tree.marks.get("notify", NOWHERE)
    if not isinstance(raw, Mapping):
        return Notify()
    spec = checked(NotifyWritten, raw, mark, context.faults)
    if spec is None:
        return Notify()
    if spec.always:
        router.channels_of(spec.always, raw["always"])
    escalations = []
    for index, escalation in enumerate(spec.escalations):
        escalations.append(router.escalation(escalation, raw["escalations"][index]))
    return Notify(always=tuple(spec.always), escalations=tuple(escalations))


class Router:
    """Checks who is told of what against the same tables: those of the channels and installations made out."""

    def __init__(
        self,
        tree: Mapping,
        channels: dict[str, Channel],
        staff: Staff,
        installations: list[Installation],
        context: Context,
    ) -> None:
        self._channels = channels
        self._staff = staff
        self._installations = {one.id: one for one in installations}
        written = tree.get("installations")
        self.places = {str(one.get("id")): one for one in written or () if isinstance(one, Mapping)}
        self._context = context

    def channels_of(self, names: list[str], raw: Any) -> None:
        """Notes names that no channel has."""
        for index, name in enumerate(names):
            if name not in self._channels:
                self._context.unknown(raw.marks[index], name, "a channel", self._channels)

    def escalation(self, spec: EscalationWritten, raw: Mapping) -> Escalation:
        """One escalation, its steps in order."""
        self._match(spec, raw)
        previous = -1
        for step, body in zip(spec.steps, raw["steps"], strict=True):
            if step.after < previous:
                expected = f"at least the {duration_text(previous)} of the step before"
                self._context.faults.add(body.marks["after"], duration_text(step.after), expected)
            previous = max(previous, step.after)
            self.channels_of(step.by, body["by"])
            self.reaches(step.to, body.marks["to"], step.by, spec.match.installation)
        return Escalation(
            priorities=tuple(spec.match.priority),
            classes=tuple(spec.match.alarm_class),
            installations=tuple(spec.match.installation),
            repeat_ms=spec.repeat,
            steps=tuple(Step(after_ms=one.after, to=one.to, by=tuple(one.by)) for one in spec.steps),
        )

    def _match(self, spec: EscalationWritten, raw: Mapping) -> None:
        tables = (
            ("class", spec.match.alarm_class, "an alarm class", list(self._context.classes)),
            ("installation", spec.match.installation, "an installation", list(self.places)),
        )
        for key, names, what, valid in tables:
            for index, name in enumerate(names):
                if name not in valid:
                    self._context.unknown(raw["match"][key].marks[index], name, what, valid)

    def reaches(self, to: str, mark: Mark, by: list[str], installations: Collection[str] = ()) -> None:
        """Notes where `to` leads to nobody, or to somebody whom a channel of `by` cannot reach."""
        by_sms = self._by_sms(by)
        owner = _OWNER.match(to)
        if owner is None:
            self._named(to, mark, by_sms)
            return
        up = int(owner.group(1) or 0)
        for one in self._installations.values():
            if not installations or one.id in installations:
                self._owner(one, up, to, mark, by_sms)

    def _by_sms(self, names: list[str]) -> str | None:
        """The first channel of these, or of their fallbacks, that needs a phone number."""
        for name in names:
            for channel in with_fallbacks(name, self._channels):
                if channel in self._channels and self._channels[channel].type == SMS:
                    return channel
        return None

    def _named(self, to: str, mark: Mark, by_sms: str | None) -> None:
        if to in self._staff.positions:
            self._position(to, to, mark, by_sms)
        elif to in self._staff.people:
            self._phone(to, to, by_sms)
        else:
            if {("a position", to), ("a person", to)} & self._context.broken:
                return
            valid = ["owner", "owner+1", *self._staff.positions, *self._staff.people]
            expected = f"owner, owner+1 ..., a position or a person: {listing(valid[2:])}"
            self._context.faults.add(mark, shown(to), expected, near=nearest(to, valid))

    def _owner(self, one: Installation, up: int, to: str, mark: Mark, by_sms: str | None) -> None:
        if one.owner is None:
            if "owner" not in self.places[one.id]:
                expected = "the key owner, as notify goes to owner"
                self._context.faults.add(self.places[one.id].mark, "nothing", expected, key="owner")
            return
        if one.owner not in self._staff.positions:
            return  # told at the installation
        line = reporting_line(one.owner, self._staff)
        top = self._staff.positions[line[-1]].reports_to
        if up >= len(line) and top is None:
            expected = f"at most owner+{len(line) - 1} for {one.id}: {' > '.join(line)}"
            self._context.faults.add(mark, shown(to), expected, rule=f"beyond the top of {one.id}")
        if up >= len(line):
            return  # the line is broken: told at the position
        self._position(line[up], f"{to} of {one.id}", mark, by_sms)

    def _position(self, id_: str, to: str, mark: Mark, by_sms: str | None) -> None:
        people = self._staff.positions[id_].people
        if not people:
            found = f"{to}: nobody fills the position {id_}"
            self._context.faults.add(mark, found, f"people in the position {id_}", rule=f"nobody in {id_}")
        for person in people:
            if person in self._staff.people:
                self._phone(person, to, by_sms)

    def _phone(self, person: str, to: str, by_sms: str | None) -> None:
        if by_sms is not None and self._staff.people[person].phone is None:
            expected = f"the key phone: {person} is told by {by_sms} ({to})"
            self._context.faults.add(
                self._staff.marks[person], f"{person} without a phone", expected, rule=f"no phone {person}"
            )
