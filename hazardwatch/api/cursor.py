"""`after` of /api/v1/events: how far a reader is, per installation, as one short text. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from fastapi import HTTPException

from hazardwatch.api import models, views
from hazardwatch.api.board import Panel

_PART = re.compile(r"(?:([A-Za-z0-9._-]{1,64}):)?(\d{1,18})", re.ASCII)


def events_after(panels: Mapping[str, Panel], after: str | None, limit: int) -> models.EventList:
    """At most `limit` events behind the cursor, oldest first within each installation."""
    seen = _parse(after) if after else {}
    everywhere = seen.pop("", 0)
    found: list[models.EventOut] = []
    missed = False
    for id_, panel in panels.items():
        last = seen.get(id_, everywhere)
        oldest = panel.recent[0].seq if panel.recent else last + 1
        missed = missed or oldest > last + 1
        for event in panel.recent:
            if event.seq > last and len(found) < limit:
                found.append(views.event_out(event))
                last = event.seq
        seen[id_] = last
    following = ",".join(f"{id_}:{seq}" for id_, seq in sorted(seen.items()))
    return models.EventList(events=found, next=following, missed=missed)


def _parse(after: str) -> dict[str, int]:
    """`TF1:17,SYSTEM:3`; a bare number counts for every installation not named."""
    parts = [_PART.fullmatch(part) for part in after.split(",")]
    if not all(parts):
        raise HTTPException(422, f"after: found {after!r}, expected what `next` said, such as TF1:17,SYSTEM:3")
    return {part[1] or "": int(part[2]) for part in parts if part}
