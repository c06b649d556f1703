"""Changes the code that decides, one small change at a time, and says which changes no test notices.

It judges no survivor: those that may live, and why, are named in tests/mutants.md. What is mutated and which tests
are asked stands in pyproject.toml, `tool.mutmut`.

python -m tests.mutants [--sample N] [--seed S] [--only PART_OF_A_NAME]; by default every mutant there is.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

from mutmut.__main__ import create_mutants
from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code
from mutmut.utils.file_utils import copy_also_copy_files, copy_src_dir

FOUND = ("killed", "timeout", "segfault", "suspicious")  # the last: the test process ended as none of pytest's codes
EVERY = 20  # mutants between two lines of progress


def mutated_files() -> list[Path]:
    """What pyproject.toml says is mutated."""
    patterns = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["tool"]["mutmut"]["only_mutate"]
    return sorted({path for pattern in patterns for path in Path().glob(pattern)})


def mutants_of(path: Path) -> list[str]:
    """The full names of the mutants made of a file, always the same for the same text."""
    return list(verdicts(path))


def sampled(names: list[str], size: int | None, seed: int) -> list[str]:
    """All of them, or a simple random sample: every mutant as likely as any other."""
    return names if size is None or size >= len(names) else sorted(random.Random(seed).sample(names, size))


def run(names: list[str]) -> int:
    """Let mutmut meet each of them with the tests that reach it; its exit code."""
    told = 0
    with subprocess.Popen([sys.executable, "-m", "mutmut", "run", *names], stdout=subprocess.PIPE, text=True) as mutmut:
        assert mutmut.stdout is not None
        for line in mutmut.stdout:  # it rewrites one line over and over; a pipe gets lines
            done = sum(int(part) for part in line.split()[3::2] if part.isdigit()) if "🎉" in line else None
            if done is None and "mutmut_" not in line and line.split()[1:] != [] and line[0] not in "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏":
                print(line.rstrip(), flush=True)
            elif done is not None and done >= told + EVERY:
                told = done
                print(line.strip(), flush=True)
    return mutmut.returncode


def verdicts(path: Path) -> dict[str, str]:
    """What became of each mutant of a file."""
    data = SourceFileMutationData(path=path)
    data.load()
    return {name: status_by_exit_code[code] for name, code in data.exit_code_by_key.items()}


def report(names: list[str], total: dict[Path, int], seed: int) -> None:
    """A line of figures per module, then each survivor as a difference."""
    print(f"\n{'module':<28}{'mutants':>8}{'tried':>8}{'found':>8}{'alive':>8}{'no test':>8}{'found %':>9}")
    alive: list[tuple[str, Path]] = []
    whole: Counter[str] = Counter()
    asked = set(names)
    for path, count in total.items():
        became = {name: status for name, status in verdicts(path).items() if name in asked}
        tally = Counter("found" if status in FOUND else status for status in became.values())
        alive += [(name, path) for name, status in became.items() if status not in FOUND]
        whole += tally
        print(_line(str(path), count, tally))
    print(_line("all", sum(total.values()), whole), f"\nseed {seed}", sep="")
    for name, path in alive:
        print(f"\n# {name}\n{get_diff_for_mutant(name, path=path)}")


def _line(what: str, count: int, tally: Counter[str]) -> str:
    tried = tally.total()
    alive = tried - tally["found"] - tally["no tests"]
    share = f"{100 * tally['found'] / tried:9.1f}" if tried else f"{'-':>9}"
    return f"{what:<28}{count:>8}{tried:>8}{tally['found']:>8}{alive:>8}{tally['no tests']:>8}{share}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants")
    parser.add_argument("--sample", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="")
    asked = parser.parse_args()
    Path("mutants").mkdir(exist_ok=True)
    copy_src_dir()
    copy_also_copy_files()
    create_mutants(os.cpu_count() or 1)
    by_file = {path: mutants_of(path) for path in mutated_files()}
    every = [name for names in by_file.values() for name in names if asked.only in name]
    names = sampled(every, asked.sample, asked.seed)
    print(f"{len(names)} of {len(every)} mutants", flush=True)
    if code := run(names):
        sys.exit(code)  # it did not get through: there are no figures
    report(names, {path: len(found) for path, found in by_file.items()}, asked.seed)


if __name__ == "__main__":
    main()
