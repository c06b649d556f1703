"""What the parts of the resolution share while one site file is read: tables of what is known, faults, warnings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeline.site import Text
from pipeline.sitefile.classes import BUILT_IN, Source
from pipeline.sitefile.fault import Faults, Use
from pipeline.sitefile.tree import Mapping as Tree
from pipeline.sitefile.tree import Mark
from pipeline.sitefile.written import Words
from pipeline.sitefile.written_alarms import AlarmClass

Sources = dict[str, Source]
NOWHERE = Mark(1, 0)
"""The file as a whole: no key stands there, not even one at the very beginning."""
EVERYTHING = "*"
"""In `Context.broken`: names of this sort may be missing that nobody can tell."""


@dataclass(slots=True)
class Context:
    """`sources[entity][attribute]` says where each effective value came from."""

    judged_kinds: frozenset[str]
    sent_channels: frozenset[str]
    main: str = ""
    """The name of the main file."""
    faults: Faults = field(default_factory=Faults)
    warnings: Faults = field(default_factory=lambda: Faults("warning"))
    hints: Faults = field(default_factory=lambda: Faults("hint"))
    presets: dict[str, Tree] = field(default_factory=dict)
    """The site's own, as written."""
    used_presets: set[str] = field(default_factory=set)
    users: dict[str, list[Use]] = field(default_factory=dict)
    """The equipments of each template, in the order of the file."""
    preset_alarms: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The alarms each preset brings, once somebody has asked."""
    classes: dict[str, AlarmClass] = field(default_factory=lambda: dict(BUILT_IN))
    gateways: frozenset[str] = frozenset()
    sources: dict[str, Mapping[str, Source]] = field(default_factory=dict)
    places: dict[str, Mark] = field(default_factory=dict)
    """Where each installation, point and alarm stands, by its whole id; positions as positions/ID."""
    unwritten: dict[str, Any] = field(default_factory=dict)
    """STALE ... as they are where no point says anything of them: a draft of each, made once."""
    broken: set[tuple[str, str]] = field(default_factory=set)
    """(what, name) of things that are written but could not be made out: a reference to one is no second fault."""

    def uses(self, use: Use) -> None:
        """An equipment uses a template, and is looked at from now on."""
        self.users.setdefault(use.template, []).append(use)
        self.look_at(use)

    def look_at(self, use: Use | None) -> None:
        """What is noted from now on is true of this equipment."""
        self.faults.use = self.warnings.use = self.hints.use = use

    def unknown(self, mark: Mark, name: object, what: str, valid: Iterable[str]) -> None:
        """Note a reference to something that is nowhere in the file."""
        if (what, str(name)) not in self.broken and (what, EVERYTHING) not in self.broken:
            self.faults.unknown(mark, name, what, valid)

    def not_judged(self, kind: str, mark: Mark, alarm: str) -> None:
        """Warn of an alarm whose kind this version does not judge."""
        if kind not in self.judged_kinds:
            self.warnings.add(mark, f"the alarm {alarm} of kind {kind}, not judged in this version", "", rule="kind")

    def without(self, key: str, mark: Mark, what: str) -> None:
        """Warn of something that is accepted and recorded, but without effect in this version."""
        if key not in self.judged_kinds:
            self.warnings.add(mark, what, "", rule=key)


def first_place(first: Mark, here: Mark) -> str:
    """Where something stood first, in words for who looks at `here`."""
    line = f"line {first.line}"
    return f"first in {line}" if first.file == here.file else f"first in {first.file}, {line}"


def text_of(words: Words | None, otherwise: str) -> Text:
    """Both languages; a missing one is the other, and both missing is `otherwise`."""
    if words is None:
        return Text(en=otherwise, zh=otherwise)
    return Text(en=words.en or words.zh or otherwise, zh=words.zh or words.en or otherwise)


def optional_text(words: Words | None) -> Text | None:
    """As `text_of`, None where nothing was written."""
    return None if words is None else text_of(words, "")
