"""Routes for configuration changes: an engineer proposes, another one approves. The desk does it."""

from typing import Annotated, Literal

import structlog
from fastapi import APIRouter, Depends, HTTPException, Query, Response

from hazardwatch.api import access, config_models, config_views
from hazardwatch.api.access import Finder
from hazardwatch.api.config_desk import ConfigDesk, Who
from hazardwatch.api.tokens import Token
from hazardwatch.durations import duration_ms
from hazardwatch.proposed_site import Proposed, read_text
from pipeline.config_records import Asked, ConfigDecision
from pipeline.site import Site
from pipeline.site_record import site_json

_log = structlog.get_logger(__name__)
_OUTCOMES: dict[int | str, dict[str, object]] = {
    202: {"model": config_models.AskedOut, "description": "Recorded: it waits for a second person, or to be decided."},
    401: {"description": "No token, or one that is unknown or revoked."},
    403: {"description": "The token's role or person does not allow it."},
    409: {"model": config_models.AskedOut, "description": "Recorded and refused, with the reason."},
    503: {"description": "Not ready, or the log cannot take it now; try again."},
}
_FAULTS: dict[int | str, dict[str, object]] = {422: {"description": "The site file has faults: all of them."}}


def reading(desk: ConfigDesk, find: Finder) -> APIRouter:
    """What is in force, and how it came there; for viewers."""
    router = APIRouter(prefix="/api/v1/config", tags=["configuration"], dependencies=[Depends(find)])

    @router.get("", summary="Which configuration is in force, and what waits")
    async def config() -> config_models.ConfigOut:
        same = desk.file.same(desk.book) if desk.file.ready.is_set() else None
        return config_views.config_out(desk.book, same, desk.file.path)

    @router.get("/history", summary="Every change: who, when, why, before, after")
    async def history() -> config_models.HistoryOut:
        return config_models.HistoryOut(decisions=[config_views.decision_out(one) for one in desk.book.history])

    @router.get("/site", summary="A whole configuration, defaults written out (the JSON of a CONFIG record)")
    async def site(which: Annotated[Literal["running", "approved", "file"], Query()] = "running") -> Response:
        return Response(site_json(_which(desk, which)), media_type="application/json")

    return router


def _which(desk: ConfigDesk, which: str) -> Site:
    if which == "file":
        if desk.file.read.site is None:
            raise HTTPException(422, "\n".join(desk.file.read.faults))
        return desk.file.read.site
    return desk.book.site(desk.book.in_force if which == "running" else desk.book.approved)


def changing(desk: ConfigDesk, find: Finder) -> APIRouter:
    """Proposing, approving, rejecting; for engineers."""
    router = APIRouter(prefix="/api/v1/config", tags=["configuration"], responses=_OUTCOMES)

    @router.post("/preview", summary="What a site file would change; nothing is done", responses=_FAULTS)
    async def preview(asked: config_models.SiteIn, token: Annotated[Token, Depends(find)]) -> config_models.PreviewOut:
        access.allowed(token, "apply")
        read, site = await _sound(desk, asked)
        found = [config_views.difference_out(one) for one in await desk.preview(site)]
        return config_models.PreviewOut(
            differences=found, loosens=any(one.effect == "loosening" for one in found), warnings=read.warnings
        )

    @router.post("/changes", summary="Put a site file in force, or propose it if it loosens", responses=_FAULTS)
    async def apply(
        asked: config_models.ApplyIn, token: Annotated[Token, Depends(find)], response: Response
    ) -> config_models.AskedOut:
        who = _who(token, "apply", asked.by, asked.note)
        _, site = await _sound(desk, asked)
        emergency_ms = None if asked.emergency_for is None else duration_ms(asked.emergency_for)
        return _told(await desk.apply(site, who, emergency_ms), who, response)

    @router.post("/changes/{change}/approve", summary="Approve what somebody else proposed")
    async def approve(
        change: int, asked: config_models.SecondIn, token: Annotated[Token, Depends(find)], response: Response
    ) -> config_models.AskedOut:
        return await _second(desk, "approve", change, _who(token, "approve", asked.by, asked.note), response)

    @router.post("/changes/{change}/reject", summary="Reject a proposal, or end an emergency override")
    async def reject(
        change: int, asked: config_models.SecondIn, token: Annotated[Token, Depends(find)], response: Response
    ) -> config_models.AskedOut:
        return await _second(desk, "reject", change, _who(token, "reject", asked.by, asked.note), response)

    return router


async def _second(desk: ConfigDesk, ask: Asked, change: int, who: Who, response: Response) -> config_models.AskedOut:
    return _told(await desk.second(ask, change, who), who, response)


def _who(token: Token, ask: Asked, by: str | None, note: str | None) -> Who:
    """The record tells how far the name can be trusted: a token of their own proves it, any other only its role."""
    own = f", {token.person}'s own" if token.person else ""
    return Who(access.person(token, ask, by), f"{token.name} ({token.role}{own})", note)


async def _sound(desk: ConfigDesk, asked: config_models.SiteIn) -> tuple[Proposed, Site]:
    read = await read_text(asked.site.encode(), asked.name)
    if read.site is None:
        raise HTTPException(422, "\n".join(read.faults))
    added = desk.additions(read.site)
    if added:
        raise HTTPException(
            422, f"new installations need a start of the service with this file (`hazardwatch run`): {', '.join(added)}"
        )
    return read, read.site


def _told(decision: ConfigDecision | None, who: Who, response: Response) -> config_models.AskedOut:
    if decision is None:
        response.status_code = 202
        said = "recorded, but not decided yet: see `hazardwatch config history` before you rely on it"
        return config_models.AskedOut(decision=None, message=said)
    _log.info("configuration change", by=who.by, token=who.token, outcome=decision.outcome, change=decision.change)
    response.status_code = {"refused": 409, "pending": 202}.get(decision.outcome, 200)
    out = config_views.decision_out(decision)
    return config_models.AskedOut(decision=out, message=out.message)
