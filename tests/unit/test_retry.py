"""Stories of trying again, with a clock that only moves when somebody sleeps."""

from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs

from pipeline.errors import Permanent, Transient
from pipeline.retry import Pace, until_done


class Clock:
    """Seconds that pass only by sleeping."""

    def __init__(self) -> None:
        self.now = 0.0
        self.sleeps: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.now += seconds

    def read(self) -> float:
        return self.now


class Fails:
    """An action that raises the errors given, one a call, and then answers 42."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.calls = 0

    async def __call__(self) -> int:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return 42


def run(action: Fails, clock: Clock, *, attempts: int | None = None, deadline_s: float | None = None) -> int:
    return asyncio.run(
        until_done(
            "test",
            action,
            attempts=attempts,
            deadline_s=deadline_s,
            pace=Pace(first_s=1, most_s=8),
            sleep=clock.sleep,
            clock=clock.read,
        )
    )


def test_what_works_is_done_once_and_nobody_sleeps() -> None:
    action, clock = Fails(), Clock()
    assert run(action, clock) == 42
    assert action.calls == 1
    assert clock.sleeps == []


def test_transient_errors_are_tried_again_until_it_works_however_often() -> None:
    action, clock = Fails(*[Transient("away")] * 500), Clock()
    assert run(action, clock) == 42
    assert action.calls == 501


def test_waits_are_uniform_below_a_bound_that_doubles_up_to_the_most() -> None:
    waits = []
    for _ in range(300):
        clock = Clock()
        run(Fails(*[Transient("away")] * 6), clock)
        waits.append(clock.sleeps)
    for number, bound in enumerate([1, 2, 4, 8, 8, 8]):
        column = [row[number] for row in waits]
        assert 0 <= min(column) < 0.1 * bound
        assert 0.9 * bound < max(column) <= bound


@pytest.mark.parametrize("error", [Permanent("no"), ValueError("a bug")])
def test_any_other_error_passes_at_once(error: Exception) -> None:
    action = Fails(error)
    with pytest.raises(type(error)):
        run(action, Clock())
    assert action.calls == 1


def test_attempts_are_counted_in_all_and_the_last_error_is_raised() -> None:
    action = Fails(*[Transient(str(n)) for n in range(9)])
    with pytest.raises(Transient, match="2"):
        run(action, Clock(), attempts=3)
    assert action.calls == 3


def test_no_try_begins_after_the_deadline() -> None:
    action, clock = Fails(*[Transient("away")] * 1000), Clock()
    with pytest.raises(Transient):
        run(action, clock, deadline_s=60)
    assert 30 < clock.now <= 60


def test_an_error_is_told_once_until_it_changes_and_once_when_it_is_over() -> None:
    action = Fails(Transient("a"), Transient("a"), Transient("b"), Transient("b"), Transient("a"))
    with capture_logs() as logs:
        run(action, Clock())
    assert [(entry["event"], entry.get("error")) for entry in logs] == [
        ("will try again", "Transient('a')"),
        ("will try again", "Transient('b')"),
        ("will try again", "Transient('a')"),
        ("works again", None),
    ]


def test_cancelling_ends_the_wait_at_once() -> None:
    async def story() -> None:
        waiting = asyncio.Event()

        async def sleep(_: float) -> None:
            waiting.set()
            await asyncio.Event().wait()

        task = asyncio.create_task(until_done("test", Fails(Transient("away")), sleep=sleep))
        await waiting.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(story())


def test_cancelling_ends_the_action_itself() -> None:
    async def story() -> None:
        busy = asyncio.Event()

        async def action() -> None:
            busy.set()
            await asyncio.Event().wait()

        task = asyncio.create_task(until_done("test", action))
        await busy.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(story())
