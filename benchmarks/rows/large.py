"""A site of 60 installations and 30,000 points (examples/large): checked, loaded, and its engines begun."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from pathlib import Path

import msgspec

from benchmarks.loader import STAGES, Cost
from benchmarks.parts import ROOT, module
from benchmarks.report import Report
from examples.large import generate

NAME = "large"
REACH = "60 installations, 30,000 points: check <= 15 s of CPU, at most 1.5 GB; 5,000 points in <= 3 s"
_WANTED_S, _WANTED_MB, _SMALL_S = 15.0, 1500.0, 3.0
_SMALL = 10
"""So many installations have 5,000 points."""


def measure(folder: Path, _seconds: float | None) -> Report:
    """The row; each stage the best of two runs, each in a process of its own."""
    report = Report(NAME, REACH)
    file, small = folder / "large.yaml", folder / "small.yaml"
    file.write_text(generate.text(), encoding="utf-8")
    small.write_text(generate.text(_SMALL), encoding="utf-8")
    size = file.stat().st_size / 1e6
    costs = {stage: min((_cost(stage, file) for _ in range(2)), key=lambda one: one.cpu_s) for stage in STAGES}
    floor = costs["parse"]
    report.add("the file", f"{size:.2f} MB, {generate.INSTALLATIONS * generate.POINTS:,} points")
    for stage, cost in costs.items():
        ratio = "" if stage == "parse" else f", {cost.cpu_s / floor.cpu_s:.1f} of the plain parser"
        report.add(f"{_WORDS[stage]}, CPU / at most", f"{cost.cpu_s:.2f} s / {cost.most_mb:.0f} MB{ratio}")
    whole, part = min(_check(file) for _ in range(2)), min(_check(small) for _ in range(2))
    for what, (cpu_s, clock_s) in {"": whole, " of 5,000 points": part}.items():
        report.add(f"hazardwatch check{what}, start to end, CPU / clock", f"{cpu_s:.2f} / {clock_s:.2f} s")
    most = max(cost.most_mb for cost in costs.values())
    report.reached = whole[0] <= _WANTED_S and most <= _WANTED_MB and part[0] <= _SMALL_S
    return report


_WORDS = {"parse": "floor, plain YAML into dicts", "load": "loaded and checked", "engines": "... and 60 engines begun"}


def _cost(stage: str, file: Path) -> Cost:
    process = module("loader", stage, str(file), stdout=subprocess.PIPE)
    out, _ = process.communicate(timeout=300)
    if process.returncode:
        raise RuntimeError(f"the stage {stage} failed (its words are above)")
    return msgspec.json.decode(out, type=Cost)


def _check(file: Path) -> tuple[float, float]:
    """Seconds of CPU (the verdict's, so that neighbours do not count) and on the clock."""
    began, before = time.monotonic(), _children_s()
    command = [sys.executable, "-m", "hazardwatch", "check", str(file)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=300, check=False)
    if done.returncode:
        raise RuntimeError(f"check found faults:\n{done.stdout.decode()[-2000:]}")
    return _children_s() - before, time.monotonic() - began


def _children_s() -> float:
    """CPU seconds of all children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
