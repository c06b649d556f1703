"""The HTTP routes of graded warnings: what stands, and what people say of it. What it means is alerting.warning's."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, HTTPException, Response
from pydantic import BaseModel, Field

from alerting import words
from alerting.texts import alarm_name
from hazardwatch.api import access
from hazardwatch.api.board import Board, Panel
from hazardwatch.api.desk import Desk
from hazardwatch.api.models import Texts
from hazardwatch.api.tokens import Token
from pipeline.log import PLANT
from pipeline.model import WarningAct, WarningEvent
from pipeline.outside import iso
from pipeline.records import encode

WAIT_S = 5.0
Act = Literal["verify", "dispose", "feed_back"]
_REASONS = {
    "unknown_warning": "the installation has no such warning now; look again",
    "unknown_person": "the site has no such person",
    "unknown_verdict": "the verdict is one of true, false, maintenance",
    "cause_missing": "a red or orange warning asks for the cause",
    "note_missing": "say what was done",
}


class WarningOut(BaseModel):
    """The graded warning of one installation."""

    installation: str
    warning: str
    level: str = Field(description="red, orange, yellow or blue.")
    since: str
    signed_by: str | None = Field(description="Who took a causing alarm, or acted first.")
    verdict: str | None = Field(description="true, false or maintenance; red and orange ask for one.")
    cause: str | None
    disposed: str | None = Field(description="What was done.")
    fed_back: str | None = Field(description="What came of it.")
    alarms: list[str] = Field(description="The alarms that make the level.")
    text: Texts


class ActIn(BaseModel):
    """What a person says of a warning."""

    installation: str
    act: Act
    warning: str | None = Field(default=None, description="The one the person saw; another one is refused.")
    verdict: Literal["true", "false", "maintenance"] | None = None
    cause: str | None = Field(default=None, max_length=1000)
    note: str | None = Field(default=None, max_length=1000)
    by: str | None = None


class ActOut(BaseModel):
    """What came of it. It is in the log in every case."""

    outcome: Literal["done", "refused", "not judged yet"]
    message: str


def router(
    board: Board, desk: Desk, find: Callable[..., Token], ready: Callable[[Board], Awaitable[None]]
) -> APIRouter:
    """`ready` waits for the board; `find` gives the request's token."""
    routes = APIRouter(prefix="/api/v1/warnings", tags=["warnings"])

    @routes.get("", summary="Graded warnings that are not cleared", dependencies=[Depends(find)])
    async def warnings() -> list[WarningOut]:
        await ready(board)
        return [one for id_, panel in board.panels.items() if (one := _out(id_, panel)) is not None]

    @routes.post("/acts", summary="Verify a warning, say what was done, say what came of it")
    async def acts(asked: ActIn, token: Annotated[Token, Depends(find)], response: Response) -> ActOut:
        by = access.person(token, asked.act, asked.by)
        await ready(board)
        panel = board.panels.get(asked.installation)
        if panel is None:
            raise HTTPException(404, f"the site has no installation {asked.installation}")
        warning = asked.warning or (panel.warning.now.id if panel.warning.now else "")
        act = WarningAct(
            warning=warning, act=asked.act, by=by, verdict=asked.verdict, cause=asked.cause, note=asked.note
        )
        [position] = await desk.log.append(PLANT, [(asked.installation, encode(act))])
        try:
            async with asyncio.timeout(WAIT_S):
                await board.judged(asked.installation, position)
        except TimeoutError:
            response.status_code = 202
            return ActOut(outcome="not judged yet", message="recorded, but not judged yet: look again")
        answer = _answer([one for one in panel.warning.recent if one.position == position and one.actor == by])
        response.status_code = 409 if answer.outcome == "refused" else 200
        return answer

    return routes


def _answer(changes: list[WarningEvent]) -> ActOut:
    refused = [one.reason or "" for one in changes if one.event == "refused"]
    if refused:
        return ActOut(outcome="refused", message="; ".join(_REASONS.get(one, one) for one in refused))
    return ActOut(outcome="done", message="; ".join(f"{one.event}, {one.level}" for one in changes))


def _out(installation: str, panel: Panel) -> WarningOut | None:
    now = panel.warning.now
    if now is None:
        return None
    return WarningOut(
        installation=installation,
        warning=now.id,
        level=now.level,
        since=iso(now.since),
        signed_by=now.signed_by,
        verdict=now.verdict,
        cause=now.cause,
        disposed=now.disposed,
        fed_back=now.fed_back,
        alarms=list(now.alarms),
        text=Texts.model_validate({one: _text(panel, now.level, now.alarms, one) for one in ("en", "zh-CN")}),
    )


def _text(panel: Panel, level: str, alarms: tuple[str, ...], language: str) -> str:
    told = words.WARNING.of(language).format(level=words.LEVEL[level].of(language))
    named = ("，" if language == "zh-CN" else ", ").join(alarm_name(panel.routes, one, language) for one in alarms)
    return f"{told} {named}".rstrip()
