"""What a request asks for, by the query parameters that points and alarms share."""

from typing import Annotated

from fastapi import Depends, HTTPException, Query

from hazardwatch.api.board import Board, Panel
from hazardwatch.selection import Selection
from pipeline.model import Event
from pipeline.site import Installation


def asked(
    equipment: Annotated[str | None, Query(description="Only points of this equipment.")] = None,
    gateway: Annotated[str | None, Query(description="Only points that this gateway brings.")] = None,
    alarm_class: Annotated[str | None, Query(alias="class", description="Only alarms of this class.")] = None,
    preset: Annotated[str | None, Query(description="Only points with this preset.")] = None,
    text: Annotated[str | None, Query(description="Only what has this in an id, name, alias, cause ...")] = None,
) -> Selection:
    """All but installation and priority, which each route takes in its own way."""
    return Selection(equipment=equipment, gateway=gateway, alarm_class=alarm_class, preset=preset, text=text)


Asked = Annotated[Selection, Depends(asked)]


def panel_of(board: Board, installation: str) -> Panel:
    """Raises HTTPException 404."""
    panel = board.panels.get(installation)
    if panel is None:
        names = ", ".join(board.panels)
        raise HTTPException(404, f"the site has no installation {installation!r}; it has {names}")
    return panel


def panels_of(board: Board, installation: str | None, selection: Selection) -> list[Panel]:
    """The panels to look at. Raises HTTPException 404 for a name that the configuration in force does not have."""
    chosen = list(board.panels.values()) if installation is None else [panel_of(board, installation)]
    wrong = selection.misnamed(configured(chosen)) if any(selection) else None
    if wrong is not None:
        raise HTTPException(404, wrong)
    return chosen


def configured(panels: list[Panel]) -> list[Installation]:
    """The installations as configured now."""
    return [one.routes.installation for one in panels if one.routes.installation is not None]


def is_asked_for(panel: Panel, event: Event, selection: Selection) -> bool:
    """Whether a standing alarm is; one that is configured no more only where nothing is asked for."""
    named, here = panel.routes.alarm(event.alarm), panel.routes.installation
    if not any(selection):
        return True
    return named is not None and here is not None and selection.takes(here, named.point, named.alarm)
