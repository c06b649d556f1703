"""A few of the faults of `make faults`, to the same park of real processes and servers: nothing lost, nothing doubled."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.__main__ import chosen
from tests.faults.judge import Outcome
from tests.faults.run import play

pytestmark = pytest.mark.services


@pytest.mark.timeout(1200)
def test_faults_lose_nothing_and_double_no_alarm(tmp_path: Path) -> None:
    rows: list[Outcome] = []
    faults = chosen([], quick=True)
    play(tmp_path, faults, rows.append)
    assert {row.name: row.wrong for row in rows if row.wrong} == {}
    assert len(rows) == len(faults) >= 8
    assert all(row.readings_in > 0 and row.expected > 0 for row in rows)
