"""What no I/O list has of a site file: the site itself, who is told, and how. Says what is to be filled in."""

from __future__ import annotations

from typing import Any, NamedTuple

from pipeline.iolist.render import comment, flow, item
from pipeline.iolist.words import said

FILL_IN = "FILL IN"
"""Stands in every line of a new file that waits for a person."""
_EXAMPLE: dict[str, Any] = {
    "id": "LT-101",
    "name": {"en": "Tank 101 level", "zh-CN": "101 罐液位"},
    "quantity": "level",
    "unit": "m",
    "range": [0, 15],
    "alarms": {"HH": {"priority": "critical", "setpoint": 13.2}, "H": {"priority": "high", "setpoint": 12.5}},
}


class Person(NamedTuple):
    """Somebody who may take alarms; `phone` with country code, "" where none was given."""

    id: str
    name: str = ""
    phone: str = ""


class Frame(NamedTuple):
    """What is known of the site."""

    id: str
    name: str = ""
    timezone: str = "UTC"
    language: str = "en"
    person: Person | None = None


def empty_site(frame: Frame, installation: str, name: str) -> str:
    """A whole site file with one installation that has no points yet."""
    lines = [
        *head(frame),
        "",
        comment("Every key: docs/configuration.md. Ready-made alarms: `hazardwatch presets`."),
        "installations:",
        *item(installation_head(installation, name), 2),
        "    points: []",
        comment(f"{FILL_IN}: the points, instead of the line above. An example:"),
        comment("    points:"),
        *(comment(line) for line in item(_EXAMPLE, 6)),
        *staff(frame, [installation]),
    ]
    return "\n".join(lines) + "\n"


def head(frame: Frame) -> list[str]:
    """The file's first lines, comments above it aside."""
    site: dict[str, Any] = {"id": frame.id}
    if frame.name:
        site["name"] = said(frame.name)
    site |= {"timezone": frame.timezone, "language": frame.language}
    return ["schema: hazardwatch/site/v1", f"site: {flow(site)}"]


def installation_head(id_: str, name: str, *, owned: bool = True) -> dict[str, Any]:
    """What an installation says of itself before its points. `owned`: by the position of `staff`."""
    return {"id": id_} | ({"name": said(name)} if name else {}) | ({"owner": desk(id_)} if owned else {})


def desk(installation: str) -> str:
    """The position that owns an installation."""
    return f"{installation[:59]}-desk"


def staff(frame: Frame, installations: list[str]) -> list[str]:
    """Positions and people, and how to tell them, as far as it is known. Tells nobody anything by itself."""
    person = frame.person
    people = [] if person is None else [person.id]
    lines = [
        "",
        comment(f"{FILL_IN}: who is called. An installation's owner is told first; a position is filled by people."),
        "positions:",
    ]
    for one in installations:
        lines += item({"id": desk(one), "level": "post", "people": people}, 2, short=True)
    if person is None:
        lines += [
            "people: []",
            comment("people:             # instead of the line above; their ids go into `people` of the positions too"),
            comment('  - {id: li.wei, name: 李伟, phone: "+86..."}   # the number with country code, in quotes'),
        ]
    else:
        given = {"id": person.id, "name": person.name or person.id} | ({"phone": person.phone} if person.phone else {})
        lines += ["people:", *item(given, 2, short=True)]
    return [*lines, *_notify()]


def _notify() -> list[str]:
    """Commented out: a message to an address that somebody made up helps nobody."""
    text = f"""
{FILL_IN}: how they are told (docs/notifications.md). Until then `hazardwatch alarms` shows alarms, and no phone rings.
channels:
  sms: {{type: sms_http, url: "https://YOUR-SMS-SERVICE/send"}}
notify:
  escalations:
    - match: {{priority: [critical, high]}}
      repeat: 5min
      steps:
        - {{after: 0s, to: owner, by: [sms]}}
    - steps: [{{after: 0s, to: owner, by: [sms]}}]"""
    return ["" if not line else comment(line) for line in text.splitlines()]
