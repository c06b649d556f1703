"""Where people's commands go into the plant log, and where their answer is awaited. The engine alone decides."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Literal

from hazardwatch.api.board import Board
from pipeline.log import PLANT, Log
from pipeline.model import Command, Event
from pipeline.records import encode

WAIT_S = 5.0
Outcome = Literal["done", "refused", "nothing to do", "not judged yet"]
"""`nothing to do` is no event and no error, as acknowledging what needs none."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a command. Not `judged`: it is in the log and will be judged, but not within the wait.

    `silent`: a command that makes no event of its own when it is done.
    """

    position: int
    judged: bool
    events: tuple[Event, ...] = ()
    silent: bool = False

    @property
    def outcome(self) -> Outcome:
        """In one word or three."""
        if not self.judged:
            return "not judged yet"
        if any(event.event == "refused" for event in self.events):
            return "refused"
        return "done" if self.events or self.silent else "nothing to do"


class Desk:
    """Takes commands. `append` is durable before anything is answered."""

    def __init__(self, log: Log, board: Board, wait_s: float = WAIT_S) -> None:
        self.log = log
        self._board = board
        self._wait_s = wait_s

    async def ask(self, installation: str, command: Command) -> Answer:
        """Append the command and wait for what the engine makes of it. Raises Transient when the log cannot take it."""
        [position] = await self.log.append(PLANT, [(installation, encode(command))])
        try:
            async with asyncio.timeout(self._wait_s):
                events = await self._board.answer(installation, position)
        except TimeoutError:
            return Answer(position, judged=False)
        answers = tuple(event for event in events if _of(command, event))
        return Answer(position, judged=True, events=answers, silent=command.command == "mode")


def _of(command: Command, event: Event) -> bool:
    """Seconds judged just before the command bear its position too; their events have no actor."""
    return event.event == "refused" or event.actor == command.by
