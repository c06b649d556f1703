"""What came of the rows -> the text of a site file, with the columns and the unclear rows as comments."""

from __future__ import annotations

from typing import NamedTuple

from pipeline.iolist.frame import FILL_IN, Frame, head, installation_head, staff
from pipeline.iolist.gather import Entry, Headed, Unclear, Understood
from pipeline.iolist.render import comment, flow, item
from pipeline.iolist.repeats import Plant

_LONGEST = 160
"""An equipment on one line, unless it is longer."""


class Heading(NamedTuple):
    """What the file says of its own origin: the list's name, and the installation's id and name."""

    source: str
    installation: str
    name: str


def site_text(of: Heading, frame: Frame, list_: Understood, plant: Plant) -> str:
    """The whole file."""
    lines = [*_origin(of, list_.sheets), *head(frame), *_gateways(list_.entries), *_templates(plant)]
    lines += _installation(of, plant, list_.entries)
    lines += [*staff(frame, [of.installation]), *_unclear(list_.unclear)]
    return "\n".join(lines) + "\n"


def part_text(of: Heading, list_: Understood, plant: Plant) -> str:
    """The same for a site that has a file already, which names this one under `include`."""
    lines = [*_origin(of, list_.sheets), comment("A part of a site: its main file names it under `include`.")]
    lines += [*_gateways(list_.entries), *_templates(plant), *_installation(of, plant, list_.entries, owned=False)]
    lines += _unclear(list_.unclear)
    return "\n".join(lines) + "\n"


def _origin(of: Heading, sheets: list[Headed]) -> list[str]:
    lines = [comment(f"Made by `hazardwatch table import` from {of.source}. It is yours now: change it as you like.")]
    for one in sheets:
        of_sheet = f" of sheet {one.name}" if one.name else ""
        lines.append(comment(f"The columns{of_sheet} as they were read (another reading: --columns 'tag=A,HH=F'):"))
        lines += [comment(f"  {line}") for line in one.columns.words()]
    lines.append(comment("A number in a delay without a unit is seconds; of priorities, 1 is critical."))
    lines.append(comment(f"Readings come in over MQTT on hazardwatch/v1/{of.installation}/TAG (docs/messages.md)."))
    return lines


def _gateways(entries: list[Entry]) -> list[str]:
    named = dict.fromkeys(one.point.body["gateway"] for one in entries if "gateway" in one.point.body)
    if not named:
        return []
    lines = ["", "gateways:"]
    for one in named:
        lines += item({"id": one}, 2, short=True)
    return lines


def _templates(plant: Plant) -> list[str]:
    if not plant.templates:
        return []
    lines = ["", comment("Equipment that repeats in the list, written once."), "templates:"]
    for name, template in plant.templates.items():
        lines += [f"  {name}:", f"    vars: {flow(template['vars'])}", "    points:"]
        for point in template["points"]:
            lines += item(point, 6)
    return lines


def _installation(of: Heading, plant: Plant, entries: list[Entry], *, owned: bool = True) -> list[str]:
    lines = ["", "installations:", *item(installation_head(of.installation, of.name, owned=owned), 2)]
    if not owned:
        lines.append(comment(f"{FILL_IN}: owner, a position of the site", 4))
    if plant.equipment:
        lines.append("    equipment:")
    for one in plant.equipment:
        lines += item(one, 6, short=len(flow(one)) <= _LONGEST)
    sections = {entry.point.id: entry.section for entry in entries}
    section = ""
    if plant.points:
        lines.append("    points:")
    for point in plant.points:
        if sections[point["id"]] != section:
            section = sections[point["id"]]
            lines.append(comment(section, 6))
        lines += item(point, 6)
    return lines


def _unclear(unclear: list[Unclear]) -> list[str]:
    if not unclear:
        return []
    told = comment("Not understood, or only in part: each of these needs a person.")
    return ["", told, *(comment(f"  {one.words()}") for one in unclear)]
