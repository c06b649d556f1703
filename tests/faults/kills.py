"""kill -9 of a process of each role at five kinds of moment; it is started again at once, as a supervisor does."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from simulators.receiver import Answer
from tests.faults.fault import Fault
from tests.faults.park import ROLES, SHARED, Park

Moment = Callable[[Park, str], AbstractContextManager[None]]


@contextmanager
def _steady(_park: Park, _role: str) -> Iterator[None]:
    yield


@contextmanager
def _burst(park: Park, _role: str) -> Iterator[None]:
    park.plant.burst(100)
    time.sleep(0.3)
    yield


@contextmanager
def _starting(park: Park, role: str) -> Iterator[None]:
    first = park.members[role][0]
    first.kill()
    first.start()
    time.sleep(1.5)
    yield


@contextmanager
def _dividing(park: Park, role: str) -> Iterator[None]:
    """Another process of the role joins, and goes in the end. The API has no parts: there it is a second one."""
    more = park.process(f"{role}-more-{time.time_ns()}", role)
    more.start()
    try:
        time.sleep(3)
        yield
        time.sleep(5)
    finally:
        more.stop(30)


@contextmanager
def _behind_away(park: Park, role: str) -> Iterator[None]:
    """What it hands on to does not take it: the database, the receiver, or one broker of three."""
    if role == "historian":
        park.database.pause()
    elif role == "notifier":
        park.net.receiver.answers["/hook"] = Answer(status=503)
    else:
        park.brokers[2].pause()
    try:
        time.sleep(3)
        yield
        time.sleep(5)
    finally:
        park.database.resume()
        park.net.receiver.answers.clear()
        park.brokers[2].resume()


MOMENTS: dict[str, Moment] = {
    "in steady flow": _steady,
    "in a burst of 6,000 readings": _burst,
    "again while it starts": _starting,
    "while another of its role joins, which then leaves": _dividing,
    "while what it hands on to is away for 8 s": _behind_away,
}


def _killed(role: str, moment: Moment) -> Callable[[Park], AbstractContextManager[list[str]]]:
    @contextmanager
    def during(park: Park) -> Iterator[list[str]]:
        victim = park.members[role][0]
        with moment(park, role):
            victim.kill()
            victim.start()
        yield []

    return during


KILLS = [
    Fault(
        f"kill -9 of {'an' if role[0] in 'ae' else 'a'} {role}",
        words,
        _killed(role, moment),
        instant=moment in (_steady, _burst, _starting),
        quick=moment is _steady and role in SHARED,
    )
    for words, moment in MOMENTS.items()
    for role in ROLES
]
