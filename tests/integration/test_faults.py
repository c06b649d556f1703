"""A few of the faults of `make faults`, done to a small park of real processes: nothing lost, no alarm doubled."""

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
    faults = chosen([], quick=True)[:4]  # the kills; all the others are `make faults`
    play(tmp_path, faults, lambda row, _: rows.append(row), small=True)
    assert {row.name: row.wrong for row in rows if row.wrong} == {}
    assert len(rows) == len(faults) + 1 == 5  # the last row is the whole run
    assert all(row.readings_in > 0 and row.expected > 0 for row in rows)
