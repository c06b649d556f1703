"""What loading a site file gives, and the words for where each effective value comes from. It decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from pipeline.site import Site
from pipeline.sitefile.classes import Source
from pipeline.sitefile.fault import Fault
from pipeline.sitefile.paths import Paths
from pipeline.sitefile.tree import Mapping as Tree
from pipeline.sitefile.tree import Mark


@dataclass(frozen=True, slots=True)
class Loaded:
    """`site` is None when there are faults. `hints`: what is worth a look, such as a preset's value that was changed.

    `sources` (by point or alarm, then attribute) and `trees` (each file as it was read, by name, the main file first)
    are what `origins` is worked out from; `tree` has the sections of all files.
    """

    site: Site | None
    faults: list[Fault]
    warnings: list[Fault]
    hints: list[Fault] = field(default_factory=list)
    sources: Mapping[str, Mapping[str, Source]] = field(default_factory=dict, repr=False)
    places: Mapping[str, Mark] = field(default_factory=dict, repr=False)
    """Where each installation, point and alarm stands, by its whole id; positions as positions/ID."""
    tree: Tree | None = field(default=None, repr=False)
    trees: Mapping[str, Tree] = field(default_factory=dict, repr=False)
    asked: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    """Every file and folder that was looked for on disk, the main file first, and its `site_files.state_of`."""

    def having_asked(self, asked: Mapping[str, bytes]) -> Loaded:
        """The same with what was looked for."""
        return replace(self, asked=asked)

    @property
    def origin(self) -> dict[str, str]:
        """INSTALLATION/POINT/ALARM.attribute (or INSTALLATION/POINT.attribute) -> where its value comes from."""
        return {
            f"{entity}.{attribute}": words
            for entity, each in origins(self).items()
            for attribute, words in each.items()
        }


def origins(loaded: Loaded) -> dict[str, dict[str, str]]:
    """The same by point or alarm, worked out on each call: only `check --expand` wants it."""
    if loaded.site is None:
        return {}
    paths = Paths(loaded.trees)
    return {
        entity: {attribute: _words(source, paths) for attribute, source in each.items()}
        for entity, each in loaded.sources.items()
    }


def _words(source: Source, paths: Paths) -> str:
    if isinstance(source, str):
        return source
    path, place = paths.at(source), paths.words(source)
    if source.note:
        what, _, why = source.note.partition(": ")
        return f"override, {place}: {why}" if what == "override" else source.note
    if path.startswith("templates."):
        return f"template {path.split('.')[1]}, {place}"
    if path.startswith("presets."):
        return f"preset {path.split('.')[1]}, {place}"
    what = "equipment" if ".equipment[" in path else "written"
    return f"{what}, {place}"
