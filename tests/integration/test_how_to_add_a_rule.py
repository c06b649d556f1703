"""Does what docs/how-to-add-a-rule.md says, word by word, in a copy of the tree."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "how-to-add-a-rule.md").read_text(encoding="utf-8")
CACHES = shutil.ignore_patterns("__pycache__", ".*", "node_modules", "*.egg-info", "hazardwatch-d*")
_STEP = re.compile(r"<!-- (new|edit|run)(?:: (\S+))? -->\n```[a-z]*\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def edited(text: str, diff: str) -> str:
    """`text` with the change made; the lines it shows must stand there exactly once."""
    lines = diff.splitlines()
    before = "".join(line[1:] + "\n" for line in lines if line[:1] != "+")
    after = "".join(line[1:] + "\n" for line in lines if line[:1] != "-")
    assert text.count(before) == 1, f"the page shows these lines, which stand {text.count(before)} times:\n{before}"
    return text.replace(before, after)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("tree") / "hazardwatch"
    shutil.copytree(ROOT, copy, ignore=CACHES)
    for what, name, text in _STEP.findall(PAGE):
        file = copy / name
        if what == "new":
            assert not file.exists()
            file.write_text(text, encoding="utf-8")
        elif what == "edit":
            file.write_text(edited(file.read_text(encoding="utf-8"), text), encoding="utf-8")
    return copy


def commands() -> list[str]:
    [said] = [str(text) for what, _, text in _STEP.findall(PAGE) if what == "run"]
    return said.strip().splitlines()


@pytest.mark.parametrize("command", commands())
def test_each_command_of_the_page_does_what_it_says(tree: Path, command: str) -> None:
    words = command.split()
    program = words if words[0] == "python" else ["python", "-m", *words]
    run = subprocess.run(
        [sys.executable, *program[1:]], cwd=tree, capture_output=True, text=True, timeout=240, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_page_has_all_its_steps() -> None:
    assert [what for what, _, _ in _STEP.findall(PAGE)].count("new") == 2
    assert len(_STEP.findall(PAGE)) > 12
