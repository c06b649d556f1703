"""The route for points: as configured now, and what stands of each. What they measure is in the history."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from hazardwatch.api.access import Finder
from hazardwatch.api.board import Board, Panel
from hazardwatch.api.models import Texts
from hazardwatch.api.selecting import Asked, panels_of
from hazardwatch.selection import Selection
from pipeline.model import Event
from pipeline.site import Point


class PointOut(BaseModel):
    """One point as configured, and which of its alarms stand. Its values are in the history."""

    point: str = Field(description="INSTALLATION/POINT.")
    name: Texts
    quantity: str
    unit: str | None
    range: list[float] | None = Field(description="Bottom and top of the instrument, in `unit`.")
    alias: str | None
    equipment: str | None
    gateway: str | None
    preset: str | None
    enabled: bool
    alarms: dict[str, str] = Field(description="The priority of each of its alarms, by name.")
    standing: dict[str, str] = Field(description="The state of each of its alarms that is not NORMAL, by name.")


class PointList(BaseModel):
    """Points in the order of the site."""

    language: str = Field(description="The site's language, a key of the texts.")
    points: list[PointOut]


def router(board: Board, find: Finder, ready: Callable[[Board], Awaitable[None]]) -> APIRouter:
    """For viewers."""
    made = APIRouter(prefix="/api/v1", tags=["points"], dependencies=[Depends(find)])

    @made.get("/points", summary="Points as configured, with the alarms of each that stand")
    async def points(
        asked: Asked,
        installation: Annotated[str | None, Query(description="Only those of this installation.")] = None,
        priority: Annotated[str | None, Query(description="Only points with such an alarm.")] = None,
    ) -> PointList:
        await ready(board)
        selection = asked._replace(priority=priority)
        panels = panels_of(board, installation, selection)
        found = await asyncio.to_thread(points_out, panels, selection)
        return PointList(language=board.site.language, points=found)

    return made


def points_out(panels: Sequence[Panel], selection: Selection) -> list[PointOut]:
    """The points asked for, with the states of those of their alarms that stand."""
    found = []
    for panel in panels:
        here = panel.routes.installation
        if here is None:
            continue
        for _, point in selection.points([here]):
            standing = {alarm.name: panel.standing[alarm.id] for alarm in point.alarms if alarm.id in panel.standing}
            found.append(_point_out(f"{here.id}/{point.id}", point, standing))
    return found


def _point_out(id_: str, point: Point, standing: Mapping[str, Event]) -> PointOut:
    return PointOut(
        point=id_,
        name=Texts.model_validate({"en": point.name.en, "zh-CN": point.name.zh}),
        quantity=point.quantity,
        unit=point.unit or None,
        range=None if point.low is None or point.high is None else [point.low, point.high],
        alias=point.alias,
        equipment=point.equipment,
        gateway=point.gateway,
        preset=point.preset,
        enabled=point.enabled,
        alarms={alarm.name: alarm.priority for alarm in point.alarms},
        standing={name: str(event.state) for name, event in standing.items()},
    )
