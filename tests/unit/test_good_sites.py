"""Site files as people write them, in every style that YAML allows: tests/good_sites load without a fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from hazardwatch.sites import load_site
from pipeline.sitefile import expanded, render_fault

FOLDER = Path(__file__).parent.parent / "good_sites"
FILES = sorted(FOLDER.glob("*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.stem))
def test_a_good_site_loads_and_can_be_shown_whole(path: Path) -> None:
    loaded = load_site(path)
    assert [render_fault(fault) for fault in loaded.faults] == []
    assert loaded.site is not None
    shown = expanded(loaded)
    enabled = [point for point in shown["points"] if point["enabled"]]
    ids = [alarm["alarm"] for alarm in shown["alarms"]]
    assert len(set(ids)) == len(ids)
    assert {f"{point['point']}/{name}" for point in enabled for name in ("STALE", "BAD", "LATE", "CLOCK")} <= set(ids)


def test_the_folder_is_there() -> None:
    assert len(FILES) >= 60
