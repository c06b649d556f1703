"""`python -m benchmarks.loader STAGE FILE`: one thing done with a site file, and what it cost, in a process of its own.

STAGE: parse (plain YAML to dicts and lists, by the parser the site file is read with), load (the checked site), engines
(that, and an engine begun for each installation).
"""

from __future__ import annotations

import gc
import os
import sys
import time
from pathlib import Path

import msgspec
import yaml

from benchmarks.processes import memory_mb
from hazardwatch.engine import Engine
from hazardwatch.sites import load_site
from pipeline.site import Site

_BEGIN_MS = 1_700_000_000_000


class Cost(msgspec.Struct):
    """CPU seconds, and resident memory in MB: before, and at its highest."""

    cpu_s: float
    before_mb: float
    most_mb: float


def _parse(file: Path) -> object:
    text = file.read_text(encoding="utf-8")
    gc.disable()  # as the loader does
    return yaml.load(text, Loader=yaml.CSafeLoader)


def _load(file: Path) -> Site:
    loaded = load_site(file)
    if loaded.site is None:
        raise RuntimeError(f"the generated site has {len(loaded.faults)} faults")
    return loaded.site


def _engines(file: Path) -> list[Engine]:
    site = _load(file)
    engines = [Engine(one.id) for one in site.installations]
    for engine in engines:
        engine.configure(site, _BEGIN_MS)
    return engines


STAGES = {"parse": _parse, "load": _load, "engines": _engines}


def main() -> None:
    """Arguments as above; prints a Cost as JSON."""
    stage, file = STAGES[sys.argv[1]], Path(sys.argv[2])
    before, _ = memory_mb(os.getpid())
    began = time.process_time()
    kept = stage(file)
    cost = Cost(time.process_time() - began, before, memory_mb(os.getpid())[1])
    del kept
    print(msgspec.json.encode(cost).decode())


if __name__ == "__main__":
    main()
