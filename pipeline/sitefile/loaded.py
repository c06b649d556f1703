"""What loading a site file gives, and the words for where each effective value comes from. It decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.site import Site
from pipeline.sitefile import tree
from pipeline.sitefile.classes import Source
from pipeline.sitefile.fault import Fault, paths_of


@dataclass(frozen=True, slots=True)
class Loaded:
    """`site` is None when there are faults. `hints`: what is worth a look, such as a preset's value that was changed.

    `sources` and `tree` are what `origin` is worked out from.
    """

    site: Site | None
    faults: list[Fault]
    warnings: list[Fault]
    hints: list[Fault] = field(default_factory=list)
    sources: Mapping[str, Mapping[str, Source]] = field(default_factory=dict, repr=False)
    tree: tree.Mapping | None = field(default=None, repr=False)

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
    if loaded.tree is None or loaded.site is None:
        return {}
    paths = paths_of(loaded.tree)
    return {
        entity: {attribute: _words(source, paths) for attribute, source in each.items()}
        for entity, each in loaded.sources.items()
    }


def _words(source: Source, paths: dict[tuple[int, int], str]) -> str:
    if isinstance(source, str):
        return source
    if source.note:
        return source.note
    path = paths.get((source.line, source.column), "")
    if path.startswith("templates."):
        return f"template {path.split('.')[1]}, line {source.line}"
    if path.startswith("presets."):
        return f"preset {path.split('.')[1]}, line {source.line}"
    what = "equipment" if ".equipment[" in path else "written"
    return f"{what}, line {source.line}"
