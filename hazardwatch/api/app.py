"""The HTTP application: routes and who may use them. What stands is the board's, what a command does the desk's."""

import asyncio
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Query, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from hazardwatch.api import access, config, cursor, models, points, views, warning_routes
from hazardwatch.api.access import Finder
from hazardwatch.api.board import Board
from hazardwatch.api.config_desk import ConfigDesk
from hazardwatch.api.desk import Desk
from hazardwatch.api.limits import SmallBodies
from hazardwatch.api.selecting import Asked, is_asked_for, panel_of, panels_of
from hazardwatch.api.tokens import Token, Tokens
from hazardwatch.durations import duration_ms
from hazardwatch.health import Health
from hazardwatch.processes import Processes
from pipeline.errors import ConfigError, Transient
from pipeline.model import Command
from pipeline.outside import ms_of

READY_S = 5.0
"""So long a request waits for a board that still reads the log."""
_log = structlog.get_logger(__name__)
_ABOUT = """Alarms of a plant and what people do about them.

Bearer tokens with roles: viewer reads; operator also acknowledges, resets, shelves, sets modes and acts on warnings;
engineer also takes alarms out of service and in again, bypasses points and changes the configuration;
admin may do everything. /livez, /healthz and /metrics need no token and tell nothing of the plant's readings.
hazardwatch stands beside control and safety systems and replaces none of them."""
_REFUSALS: dict[int | str, dict[str, object]] = {
    401: {"description": "No token, or one that is unknown or revoked."},
    503: {"description": "Not ready, or the log cannot take it now; try again."},
}


def create_health_app(health: Health, tokens: Tokens | None = None) -> FastAPI:
    """What a process without the api role answers: that it lives, whether its roles work, its counters."""
    app = _application(tokens)
    app.include_router(_open(health))
    return app


def create_app(
    board: Board, desk: Desk, health: Health, tokens: Tokens, processes: Processes, changes: ConfigDesk | None = None
) -> FastAPI:
    """The application of a process with the api role. All are used from the event loop that serves it.

    Without `changes` there are no routes for the configuration.
    """
    app = create_health_app(health, tokens)
    app.add_exception_handler(Transient, _log_away)
    app.add_exception_handler(ConfigError, _misconfigured)
    app.include_router(_reading(board, health, processes, access.holder(tokens)))
    app.include_router(points.router(board, access.holder(tokens), _ready))
    app.include_router(_commands(board, desk, access.holder(tokens)))
    app.include_router(warning_routes.router(board, desk, access.holder(tokens), _ready))
    if changes is not None:
        app.include_router(config.reading(changes, access.holder(tokens)))
        app.include_router(config.changing(changes, access.holder(tokens)))
    return app


def _application(tokens: Tokens | None) -> FastAPI:
    app = FastAPI(
        title="hazardwatch",
        summary="Watches plants where a missed warning kills people.",
        description=_ABOUT,
        docs_url=None,  # its pages come from the internet; a plant has none
        redoc_url=None,
    )
    app.add_middleware(SmallBodies, tokens=tokens)
    return app


async def _log_away(_: Request, error: Exception) -> Response:
    return JSONResponse({"detail": f"the log cannot take it now, nothing was recorded: {error}"}, 503)


async def _misconfigured(_: Request, error: Exception) -> Response:
    return JSONResponse({"detail": str(error)}, 503)


def _open(health: Health) -> APIRouter:
    """What watchdogs and Prometheus ask; no token."""
    router = APIRouter(tags=["health"])

    @router.get("/livez", summary="The process works")
    async def livez() -> dict[str, bool]:
        return {"works": True}

    @router.get(
        "/healthz",
        summary="Every role of this process works",
        responses={503: {"model": models.HealthOut, "description": "At least one does not; it says which."}},
    )
    async def healthz(response: Response) -> models.HealthOut:
        report = views.health_out(health)
        response.status_code = 200 if report.works else 503
        return report

    @router.get("/metrics", summary="Counters for Prometheus", response_class=Response)
    async def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router


def _reading(board: Board, health: Health, processes: Processes, find: Finder) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["alarms"], dependencies=[Depends(find)], responses=_REFUSALS)

    @router.get("/alarms", summary="What stands, the most urgent first")
    async def alarms(
        asked: Asked,
        installation: Annotated[str | None, Query(description="Only those of this installation.")] = None,
        priority: Annotated[list[str] | None, Query(description="Only these priorities.")] = None,
        state: Annotated[list[str] | None, Query(description="Only these states.")] = None,
    ) -> models.AlarmList:
        await _ready(board)
        chosen = panels_of(board, installation or None, asked)
        found = [
            (event, panel)
            for panel in chosen
            for event in panel.standing.values()
            if (priority is None or event.priority in priority)
            and (state is None or event.state in state)
            and is_asked_for(panel, event, asked)
        ]
        found.sort(key=lambda pair: views.urgency(pair[0]))
        report = health.report()
        return models.AlarmList(
            language=board.site.language,
            warnings=[f"{role} does not work: {why}" for role, why in report.items() if why],
            load=views.load_out(board),
            alarms=[views.alarm_out(panel, event) for event, panel in found],
            modes=[mode for panel in chosen for mode in views.modes_out(panel)],
        )

    @router.get("/alarms/{alarm:path}", summary="One alarm with its recent events", responses=_UNKNOWN)
    async def alarm(alarm: str) -> models.AlarmDetail:
        await _ready(board)
        panel = panel_of(board, alarm.partition("/")[0])
        detail = views.alarm_detail(panel, alarm)
        if panel.routes.alarm(alarm) is None and detail.event is None and not detail.recent:
            raise HTTPException(404, f"the site has no alarm {alarm}")
        return detail

    @router.get("/events", summary="What happened lately, in order")
    async def events(
        after: Annotated[str | None, Query(description="`next` of the answer before; absent: all remembered.")] = None,
        installation: Annotated[str | None, Query(description="Only those of this installation.")] = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 1000,
    ) -> models.EventList:
        await _ready(board)
        chosen = {installation: panel_of(board, installation)} if installation else board.panels
        return cursor.events_after(chosen, after, limit)

    @router.get("/status", summary="All processes and who owns what; per hop: received, passed, refused, waiting, lag")
    async def status() -> models.StatusOut:
        return views.status_out(board, health, processes.heard())

    return router


_UNKNOWN: dict[int | str, dict[str, object]] = {404: {"description": "The site has none of that name."}}
_OUTCOMES: dict[int | str, dict[str, object]] = {
    202: {"model": models.CommandOut, "description": "Recorded, but not judged within the wait."},
    403: {"description": "The token's role or person does not allow it."},
    409: {"model": models.CommandOut, "description": "Recorded and refused, with the reason."},
    **_UNKNOWN,
}


def _commands(board: Board, desk: Desk, find: Finder) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["commands"], responses=_REFUSALS)

    async def ask(token: Token, asked: models.CommandIn, response: Response) -> models.CommandOut:
        command = _command(asked, access.person(token, asked.command, asked.by))
        installation = (command.alarm or command.target or "").partition("/")[0]
        panel_of(board, installation)
        answer = await desk.ask(installation, command)
        _log.info(
            "command", command=command.command, what=command.alarm or command.target, by=command.by,
            token=token.name, outcome=answer.outcome,
        )  # fmt: skip
        response.status_code = {"refused": 409, "not judged yet": 202}.get(answer.outcome, 200)
        return views.command_out(command, answer)

    @router.post("/commands", summary="Ask something of an alarm, a point or an equipment", responses=_OUTCOMES)
    async def commands(
        asked: models.CommandIn, token: Annotated[Token, Depends(find)], response: Response
    ) -> models.CommandOut:
        return await ask(token, asked, response)

    @router.post("/acknowledge", summary="Acknowledge one occurrence: the link in a webhook", responses=_OUTCOMES)
    async def acknowledge(
        alarm: Annotated[str, Query()],
        token: Annotated[Token, Depends(find)],
        response: Response,
        occurrence: Annotated[str | None, Query()] = None,
        who: models.AcknowledgeIn | None = None,
    ) -> models.CommandOut:
        said = who.model_dump() if who else {}
        asked = {"command": "acknowledge", "alarm": alarm, "occurrence": occurrence, **said}
        return await ask(token, models.CommandIn.model_validate(asked), response)

    return router


def _command(asked: models.CommandIn, by: str) -> Command:
    if (asked.alarm is None) == (asked.target is None):
        raise HTTPException(422, "name an alarm, or a target (a point or an equipment: INSTALLATION/ID)")
    return Command(
        command=asked.command,
        by=by,
        alarm=asked.alarm,
        target=asked.target,
        note=asked.note,
        occurrence=asked.occurrence,
        for_ms=None if asked.for_ is None else duration_ms(asked.for_),
        one_shot=asked.one_shot,
        mode=asked.mode,
        permit=asked.permit,
        review=None if asked.review is None else ms_of(asked.review),
    )


async def _ready(board: Board) -> None:
    """An empty list must mean that nothing stands, never that nothing was read yet."""
    try:
        async with asyncio.timeout(READY_S):
            await board.caught_up()
    except TimeoutError:
        raise HTTPException(503, "still reading the alarm log; try again in a moment", {"Retry-After": "1"}) from None
