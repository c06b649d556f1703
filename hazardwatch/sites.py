"""Reads a site file for this version of the program: what it judges and sends is filled in from the tables."""

from __future__ import annotations

from pathlib import Path

from alerting.channels import CHANNELS
from pipeline.errors import ConfigError
from pipeline.site import Site
from pipeline.sitefile import Loaded, load, load_bytes, render_fault
from rules.table import JUDGED_KINDS


def load_site(path: Path) -> Loaded:
    """The site or all its faults. Raises ConfigError when there is no such file."""
    if not path.is_file():
        raise ConfigError(f"there is no site file {path}")
    return load(path, JUDGED_KINDS, frozenset(CHANNELS))


def load_text(text: bytes, name: str) -> Loaded:
    """The site a file of this content would give, or all its faults; they call it `name`."""
    return load_bytes(text, name, JUDGED_KINDS, frozenset(CHANNELS))


def sound_site(path: Path) -> tuple[Site, list[str]]:
    """The site and its warnings in words. Raises ConfigError with every fault."""
    loaded = load_site(path)
    if loaded.site is None:
        told = "\n".join(render_fault(fault) for fault in loaded.faults)
        many = "1 fault" if len(loaded.faults) == 1 else f"{len(loaded.faults)} faults"
        raise ConfigError(f"{told}\n{many}: nothing was started (`hazardwatch check {path}`)")
    return loaded.site, [render_fault(warning) for warning in loaded.warnings]
