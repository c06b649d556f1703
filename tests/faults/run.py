"""Faults one after another to one park: each begun when everything is whole, and judged before the next."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import httpx
import psycopg

from deploy.devstack.processes import DidNotStart
from tests.faults.fault import Fault
from tests.faults.judge import Judge, Outcome
from tests.faults.park import Park, park
from tests.traffic import until

_SETTLE_S = 300
_FAILED = (
    AssertionError, OSError, TimeoutError, DidNotStart, httpx.HTTPError, psycopg.Error, subprocess.SubprocessError,
)  # fmt: skip
"""What ends one fault and not the whole run: it is said in the row."""


def play(folder: Path, faults: Sequence[Fault], done: Callable[[Outcome, int], None], *, small: bool = False) -> None:
    """`done` is called with each outcome as it comes, and with how old (ms) what is missing must be to count."""
    began = time.monotonic()
    _say("a park of brokers, a database and processes starts")
    with park(folder, small=small) as made:
        judge = Judge(made)
        until("all installations are heard of", lambda: len(made.net.receiver.messages) > 120, _SETTLE_S)
        judge.measure()
        _say(f"what is older than {judge.grace_ms / 1000:.1f} s counts as missing")
        judge.begin()
        if judge.wait_whole(time.monotonic()) is None:
            raise AssertionError(f"the park never became whole, before any fault: {judge.why}")
        _say(f"it runs after {time.monotonic() - began:.0f} s; {len(faults)} faults follow")
        for number, fault in enumerate(faults, 1):
            row = one(made, judge, fault)
            _say(f"{number}/{len(faults)} {_line(row)}")
            done(row, judge.grace_ms)
        last = Outcome("all of it", "everything that was sent in the whole run, and every event of the log")
        since = time.monotonic()
        judge.count_by_replay(last)
        last.whole_s = time.monotonic() - since
        _say(_line(last))
        done(last, judge.grace_ms)


def one(made: Park, judge: Judge, fault: Fault) -> Outcome:
    """Done, undone and judged."""
    row = Outcome(fault.name, fault.what)
    judge.begin()
    since = time.monotonic()
    try:
        with fault.during(made) as notes:
            row.note = "; ".join(notes)
            inside = time.monotonic()
        if not fault.instant:
            since = max(inside, since)
    except _FAILED as error:
        row.wrong.append(f"{type(error).__name__}: {str(error).splitlines()[0]}")
    try:
        _judged(judge, fault, row, since)
    except _FAILED as error:
        row.wrong.append(f"{type(error).__name__}: {error}")
    try:
        until("everything is divided again", made.divided, _SETTLE_S)
    except AssertionError as error:
        row.wrong.append(str(error))
    row.wrong += [f"{each.data.name} has ended" for each in made.everybody() if not each.runs]
    row.wrong += [str(door.failed) for door in made.plant.doors if door.failed]
    return row


def _judged(judge: Judge, fault: Fault, row: Outcome, since: float) -> None:
    if fault.same_stamps:
        row.whole_s = judge.wait_whole(since)
        if row.whole_s is None:
            row.wrong.append(f"it was not whole again in time: {judge.why}")
        judge.count(row)
        if row.wrong:
            judge.resync()
    else:
        judge.count_by_replay(row)
        row.whole_s = time.monotonic() - since
        judge.begin()
        judge.resync()


def _line(row: Outcome) -> str:
    whole = "never" if row.whole_s is None else f"{row.whole_s:.1f} s"
    wrong = "".join(f"; WRONG: {one}" for one in row.wrong)
    return (
        f"{row.name}, {row.what}: readings {row.readings_in}/{row.readings_out}, alarms {row.expected}/{row.got}"
        f" doubled {row.doubled}, messages doubled {row.messages_doubled}, whole after {whole},"
        f" slowest alarm {row.slowest_s:.1f} s{wrong}"
    )


def _say(words: str) -> None:
    sys.stdout.write(f"{time.strftime('%H:%M:%S', time.gmtime())} {words}\n")
    sys.stdout.flush()
