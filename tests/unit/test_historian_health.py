"""A database that hangs gives no error; its silence is one."""

from __future__ import annotations

from historian.writer import Historian
from pipeline.log import PLANT
from tests.historian_parts import site
from tests.memory_log import MemoryLog


def test_a_database_that_has_not_answered_for_a_minute_counts_as_away() -> None:
    now = [0.0]
    historian = Historian(MemoryLog(), site(), lambda: "", lambda: now[0])
    historian._now(PLANT, None)
    now[0] = 59.0
    assert historian.health()[PLANT].connected
    now[0] = 61.0
    assert not historian.health()[PLANT].connected
    assert historian.health()[PLANT].error == "the database has not answered for 61 s"


def test_an_error_that_is_known_is_told_rather_than_silence() -> None:
    now = [0.0]
    historian = Historian(MemoryLog(), site(), lambda: "", lambda: now[0])
    historian._now(PLANT, "connection refused")
    now[0] = 1000.0
    assert historian.health()[PLANT].error == "connection refused"
