"""The whole file: text -> resolved site, or every fault of it at once. Pure; the reading of the file is in read.py."""

from __future__ import annotations

import zoneinfo
from collections.abc import Mapping as Lookup
from typing import Any

from pipeline.site import Gateway, Installation, Site
from pipeline.sitefile import scalars
from pipeline.sitefile.channels import read_channels
from pipeline.sitefile.context import NOWHERE, Context, first_place, text_of
from pipeline.sitefile.explain import checked
from pipeline.sitefile.fault import Fault, nearest, shown
from pipeline.sitefile.files import Files, Packed
from pipeline.sitefile.gather import gather
from pipeline.sitefile.history import read_history
from pipeline.sitefile.installation import Template, items, read_installation
from pipeline.sitefile.loaded import Loaded
from pipeline.sitefile.paths import Paths
from pipeline.sitefile.preset import read_presets
from pipeline.sitefile.routes import Router, read_notify
from pipeline.sitefile.sections import note_shapeless
from pipeline.sitefile.sources import read_sources
from pipeline.sitefile.staff import Staff, read_staff
from pipeline.sitefile.template import check_variables, without_variables
from pipeline.sitefile.tree import Mapping, Mark
from pipeline.sitefile.warnings import read_warnings
from pipeline.sitefile.written_alarms import AlarmClass
from pipeline.sitefile.written_file import SiteWritten
from pipeline.sitefile.written_plant import TemplateWritten
from pipeline.sitefile.written_site import GatewayWritten, SiteHead


def validate(
    text: str,
    file: str,
    judged_kinds: frozenset[str],
    sent_channels: frozenset[str],
    files: Files | None = None,
) -> Loaded:
    """Check and resolve the text of a site file, called `file`, with those of `files` that it names."""
    context = Context(judged_kinds, sent_channels, file)
    whole, trees = gather(text, file, files or Packed({}), context)
    site = None if whole is None else _site(whole, context)
    paths = Paths(trees)
    faults = context.faults.finish(paths, context.users)
    return Loaded(
        site=None if faults else site,
        faults=faults,
        warnings=context.warnings.finish(paths, context.users) if site else [],
        hints=context.hints.finish(paths, context.users) if site else [],
        sources=context.sources,
        places=context.places,
        tree=whole,
        trees=trees,
    )


def _site(tree: Mapping, context: Context) -> Site:
    if checked(SiteWritten, tree, NOWHERE, context.faults) is None:
        note_shapeless(tree, context)
    head = _head(tree, context)
    language = head.language if head is not None else "en"
    _classes(tree.get("alarm_classes"), context)
    gateways = _gateways(tree, context)
    read_presets(tree.get("presets"), context)
    templates = _templates(tree.get("templates"), context)
    installations = _installations(tree, templates, context)
    staff = read_staff(items(tree, "positions"), items(tree, "people"), language, context)
    _owners(items(tree, "installations"), staff, context)
    channels = read_channels(tree.get("channels"), context)
    router = Router(tree, channels, staff, installations, context)
    notify = read_notify(tree, router, context)
    warnings = read_warnings(tree, router, installations, context)
    sources = read_sources(items(tree, "sources"), installations, context)
    id_ = head.id if head is not None else "site"
    return Site(
        id=id_,
        name=text_of(None if head is None else head.name, id_),
        timezone="UTC" if head is None else head.timezone,
        language=language,
        installations=tuple(installations),
        gateways=tuple(gateways),
        positions=tuple(staff.positions.values()),
        people=tuple(staff.people.values()),
        channels=tuple(channels.values()),
        notify=notify,
        warnings=warnings,
        sources=sources,
        history=read_history(tree.get("history"), context),
    )


def _head(tree: Mapping, context: Context) -> SiteHead | None:
    raw = tree.get("site")
    if not isinstance(raw, Mapping):
        return None
    head = checked(SiteHead, raw, raw.mark, context.faults)
    if head is not None and "timezone" in raw and not _is_zone(head.timezone):
        near = nearest(head.timezone, sorted(zoneinfo.available_timezones()))
        context.faults.add(
            raw.marks["timezone"], shown(head.timezone), "an IANA time zone such as Asia/Shanghai", near=near
        )
    return head


def _is_zone(name: str) -> bool:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _classes(raw: Any, context: Context) -> None:
    if not isinstance(raw, Mapping):
        return
    for name, body in raw.items():
        _name(name, "class", raw.marks[name], context)
        if isinstance(body, Mapping):
            # a class with faults is still known, so that what refers to it gives no second fault
            spec = checked(AlarmClass, body, raw.marks[name], context.faults)
            context.classes[str(name)] = spec or AlarmClass()


def _name(name: Any, what: str, mark: Mark, context: Context) -> None:
    if isinstance(name, str) and not scalars.is_id(name):
        context.faults.add(mark, f"the {what} name {shown(name)}", scalars.ID_EXPECTED)


def _gateways(tree: Mapping, context: Context) -> list[Gateway]:
    gateways: dict[str, Gateway] = {}
    places: dict[str, Mark] = {}
    for raw in items(tree, "gateways"):
        spec = checked(GatewayWritten, raw, raw.mark, context.faults)
        if spec is None:
            continue
        mark = raw.marks["id"]
        if spec.id in places:
            found = f"{spec.id} a second time ({first_place(places[spec.id], mark)})"
            context.faults.add(mark, found, "each gateway once")
        places.setdefault(spec.id, mark)
        if spec.heartbeat is not None:
            words = f"the heartbeat of {spec.id}: accepted, not judged in this version"
            context.without("gateway", raw.marks["heartbeat"], words)
        gateways[spec.id] = Gateway(id=spec.id, heartbeat_ms=spec.heartbeat)
    context.gateways = frozenset(str(raw.get("id")) for raw in items(tree, "gateways"))
    return list(gateways.values())


def _templates(raw: Any, context: Context) -> dict[str, Template]:
    templates: dict[str, Template] = {}
    if not isinstance(raw, Mapping):
        return templates
    for name, body in raw.items():
        _name(name, "template", raw.marks[name], context)
        if not isinstance(body, Mapping):
            continue
        spec = checked(TemplateWritten, body, raw.marks[name], context.faults)
        before = len(context.faults)
        if spec is not None:
            check_variables(body, spec.vars, context.faults)
        sound = spec is not None and len(context.faults) == before
        templates[str(name)] = Template(spec or TemplateWritten(), body, sound, without_variables(body))
    return templates


def _installations(tree: Mapping, templates: dict[str, Template], context: Context) -> list[Installation]:
    installations: dict[str, Installation] = {}
    places: dict[str, Mark] = {}
    raws = items(tree, "installations")
    for raw in raws:
        one = read_installation(raw, templates, context)
        if one is None:
            continue
        mark = raw.marks["id"]
        if one.id in places:
            found = f"the installation {one.id} a second time ({first_place(places[one.id], mark)})"
            context.faults.add(mark, found, "each installation once")
            continue
        places[one.id] = context.places[one.id] = mark
        installations[one.id] = one
    used = {str(equipment.get("use")) for raw in raws for equipment in items(raw, "equipment")}
    for name, template in templates.items():
        if name not in used and template.sound:
            _unused(template.raw.mark, name, "a template that no equipment uses; its points are not checked", context)
    for name, preset in context.presets.items():
        if name not in context.used_presets:
            _unused(preset.mark, name, "a preset that no point uses; its alarms are not checked", context)
    return list(installations.values())


def _unused(mark: Mark, name: str, words: str, context: Context) -> None:
    """A warning in the main file; others may be there for several sites."""
    if mark.file == context.main:
        context.warnings.add(mark, words, "", rule="unused")
    else:
        context.hints.hint(mark, "unused", words, name)


def _owners(raws: list[Mapping], staff: Staff, context: Context) -> None:
    for raw in raws:
        owner = raw.get("owner")
        if isinstance(owner, str | int) and str(owner) not in staff.positions:
            context.unknown(raw.marks["owner"], owner, "a position", staff.positions)


def fault_of_file(file: str, found: str, expected: str, asked: Lookup[str, bytes] | None = None) -> Loaded:
    """The answer for a file that could not be read at all."""
    return Loaded(None, [Fault(file, 0, 0, "", found, expected)], [], asked=asked or {})
