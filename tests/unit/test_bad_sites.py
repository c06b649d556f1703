"""One bad site file per fault in tests/bad_sites: it is found, alone, in the right line, in the words expected."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.sitefile import load, render_fault

FOLDER = Path(__file__).parent.parent / "bad_sites"
KINDS = frozenset({"high", "low", "digital", "rate", "stale", "bad", "late", "clock"})


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: str(path.stem))
def test_a_bad_site_gives_exactly_the_fault_expected(path: Path) -> None:
    first, second, *_ = path.read_text(encoding="utf-8").splitlines()
    words = [word.strip() for word in first.removeprefix("# expect:").split(" | ")]
    loaded = load(path, KINDS, frozenset({"webhook"}))
    told = [render_fault(fault) for fault in loaded.faults]
    assert loaded.site is None
    assert len(told) == 1, told
    assert [word for word in words if word not in told[0]] == [], told
    assert loaded.faults[0].line == int(second.removeprefix("# line:")), told


def test_the_folder_is_there() -> None:
    assert len(list(FOLDER.glob("*.yaml"))) >= 100
