"""Reads a site file for this version of the program: what it judges and sends is filled in from the tables."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from alerting.channels import CHANNELS
from pipeline.errors import ConfigError
from pipeline.site import Site
from pipeline.sitefile import Fault, Loaded, counted, load, load_bytes, pack, render_fault
from rules.table import JUDGED_KINDS


def load_site(path: Path) -> Loaded:
    """The site or all its faults. Raises ConfigError when there is no such file."""
    if not path.is_file():
        raise ConfigError(f"there is no site file {path}")
    return load_file(path)


def load_file(path: Path) -> Loaded:
    """The same; that there is no such file is a fault too."""
    return load(path, JUDGED_KINDS, frozenset(CHANNELS))


def load_text(text: bytes, name: str) -> Loaded:
    """The site a file of this content would give, or all its faults; they call it `name`."""
    return load_bytes(text, name, JUDGED_KINDS, frozenset(CHANNELS))


def sound_site(path: Path) -> tuple[Site, list[str]]:
    """The site and its warnings in words. Raises ConfigError with every fault."""
    sound = read_sound(path)
    return sound.site, sound.warnings


def load_sound(path: Path) -> tuple[Loaded, Site]:
    """A site without faults, with where everything in it comes from. Raises ConfigError with every fault."""
    loaded = load_site(path)
    if loaded.site is None:
        raise ConfigError(f"{_told(loaded.faults)} (`hazardwatch check {path}`)")
    return loaded, loaded.site


class Sound(NamedTuple):
    """A site without faults; `files`: what it was read from (`Loaded.asked`)."""

    site: Site
    warnings: list[str]
    files: Mapping[str, bytes]


def read_sound(path: Path) -> Sound:
    """The same with what it was read from. Raises ConfigError with every fault."""
    loaded = load_site(path)
    if loaded.site is None:
        raise ConfigError(f"{_told(loaded.faults)}: nothing was started (`hazardwatch check {path}`)")
    return Sound(loaded.site, [render_fault(warning) for warning in loaded.warnings], loaded.asked)


def site_to_send(path: Path) -> str:
    """The site file with all it names, as one text. Raises ConfigError where one of them cannot be read."""
    if not path.is_file():
        raise ConfigError(f"there is no site file {path}")
    data, faults = pack(path)
    if faults:
        raise ConfigError(f"{_told(faults)}: nothing was sent (`hazardwatch check {path}`)")
    return data.decode("utf-8-sig")


def _told(faults: list[Fault]) -> str:
    told = "\n".join(render_fault(fault) for fault in faults)
    return f"{told}\n{counted(len(faults), 'fault')}"
