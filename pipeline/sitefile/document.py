"""docs/configuration.md from the models: `python -m pipeline.sitefile.document` writes it. It reads no site file."""

from __future__ import annotations

import types
import typing
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from pipeline.sitefile import written, written_alarms, written_file, written_plant, written_site, written_warnings
from pipeline.sitefile.document_text import AFTER, BEFORE, SECTION_NOTES
from pipeline.sitefile.gases import TOXIC
from pipeline.sitefile.presets import PRESETS, PresetAlarm
from pipeline.sitefile.scalars import duration_text
from pipeline.sitefile.tables import QUANTITIES

SECTIONS: tuple[tuple[str, tuple[type[BaseModel], ...]], ...] = (
    ("Site", (written_site.SiteHead,)),
    ("Alarm classes", (written_alarms.AlarmClass, written.Shelving)),
    ("Gateways", (written_site.GatewayWritten,)),
    ("Templates", (written_plant.TemplateWritten,)),
    ("Installations", (written_plant.InstallationWritten,)),
    ("Equipment", (written_plant.EquipmentWritten,)),
    ("Points", (written_plant.PointWritten, written_plant.RawWritten)),
    (
        "Alarms",
        (
            written_alarms.AlarmWords,
            written_alarms.Judged,
            written_alarms.CountWritten,
            written_alarms.ModeChange,
            *dict.fromkeys(written_alarms.POINT_KINDS.values()),
            *written_alarms.PLANT_KINDS.values(),
            written_alarms.OwnAlarm,
        ),
    ),
    ("Suppression by design", (written_plant.SuppressWritten, written_plant.When)),
    ("Positions", (written_site.PositionWritten,)),
    ("People", (written_site.PersonWritten,)),
    ("Channels", (written_site.ChannelWritten,)),
    (
        "Notifications",
        (written_site.NotifyWritten, written_site.EscalationWritten, written_site.Match, written_site.StepWritten),
    ),
    (
        "Graded warnings",
        (
            written_warnings.WarningsWritten,
            written_warnings.WarningRuleWritten,
            written_warnings.WarningWhen,
            written_warnings.WarningToldWritten,
        ),
    ),
    ("Sources", (written_site.SourceWritten, written_site.SourceReadingsWritten)),
    ("History", (written_site.HistoryWritten,)),
)

_NAMES: tuple[tuple[Any, str], ...] = (
    (written.Id, "id"),
    (written.Phone, "text"),
    (written.Names, "name, or list of them"),
    (written.Bounds, "list of number"),
    (written.Duration, "duration"),
    (written.PositiveDuration, "duration"),
    (written.StaleAfter, "duration or `never`"),
    (written.Amount, "number or %"),
    (written.Percentage, "%"),
    (written.StateKey, "number"),
    (written.WordKey, "text"),
    (written.Said, "text, or en and zh-CN"),
    (written.Piece, "mapping"),
    (Any, "mapping"),
    (float, "number"),
    (int, "whole number"),
    (str, "text"),
    (bool, "true or false"),
)


def document() -> str:
    """The whole page, in Markdown."""
    parts = [BEFORE, _table("The file", written_file.SiteWritten, ())]
    parts.append(f"## Editors\n\n{SECTION_NOTES['Editors']}")
    parts.append(f"## Several files\n\n{SECTION_NOTES['Several files']}")
    for title, models in SECTIONS:
        parts.append(f"## {title}\n")
        if title in SECTION_NOTES:
            parts.append(SECTION_NOTES[title])
        shared: tuple[type[BaseModel], ...] = ()
        for model in models:
            parts.append(_table("", model, shared))
            if model in {written_alarms.AlarmWords, written_alarms.Judged}:
                shared = (*shared, model)
    parts += [_quantities(), _presets(), _table("", written_site.PresetWritten, ()), AFTER]
    return "\n".join(parts)


def _table(title: str, model: type[BaseModel], shared: tuple[type[BaseModel], ...]) -> str:
    """The keys of one model, without those that it has from models shown before."""
    head = f"## {title}\n\n" if title else ""
    doc = " ".join((model.__doc__ or "").split())
    known = {name for base in shared if issubclass(model, base) for name in base.model_fields}
    hints = typing.get_type_hints(model, include_extras=True)
    rows = []
    for name, field in model.model_fields.items():
        if name in known and field.description == _of_base(name, shared):
            continue
        kind = _linked(_type(hints[name]), field)
        example = f"`{field.examples[0]}`" if field.examples else ""
        words = _cell(field.description or "")
        rows.append(f"| `{field.alias or name}` | {kind} | {_default(field)} | {words} | {_cell(example)} |")
    table = "| key | type | default | meaning | example |\n|---|---|---|---|---|\n" + "\n".join(rows) + "\n"
    return f"{head}{doc}\n\n{table if rows else ''}"


def _linked(kind: str, field: Any) -> str:
    """The type with a link to the section that shows what is inside."""
    extra = field.json_schema_extra
    title = extra.get("section") if isinstance(extra, dict) else None
    if title is None:
        return kind
    return kind.replace("mapping to mapping", f"by name: [{title}]").replace("mapping", f"[{title}]") + (
        f"(#{title.lower().replace(' ', '-')})"
    )


def _of_base(name: str, shared: tuple[type[BaseModel], ...]) -> str | None:
    return next((base.model_fields[name].description for base in reversed(shared) if name in base.model_fields), None)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _default(field: Any) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if value is None or value in ([], {}) or isinstance(value, BaseModel):
        return "–"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _type(hint: Any) -> str:
    for known, name in _NAMES:
        if hint == known:
            return name
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return _type(arguments[0])
    if origin is typing.Literal:
        return ", ".join(f"`{one}`" for one in arguments)
    if origin in {typing.Union, types.UnionType}:
        return " or ".join(_type(one) for one in arguments if one is not type(None))
    if origin is list:
        return f"list of {_type(arguments[0])}"
    if origin is dict:
        return f"mapping to {_type(arguments[1])}"
    return "mapping"


def _quantities() -> str:
    rows = [
        f"| {name} | {', '.join(one.units) or 'none'} | {duration_text(one.stale_after_ms)} |"
        for name, one in QUANTITIES.items()
    ]
    head = "## Quantities\n\n| quantity | units | STALE after, without `period` and `stale_after` |\n|---|---|---|\n"
    return head + "\n".join(rows) + "\n"


def _presets() -> str:
    rows = [
        f"| {name} | {preset.quantity}, {' or '.join(preset.units)} | {preset.says} | {preset.needs or '–'} "
        f"| {'; '.join(_of_preset(one) for one in preset.alarms) or 'H and HH by gas, below'} |"
        for name, preset in PRESETS.items()
    ]
    head = "| preset | for | what | the point needs | alarms |\n|---|---|---|---|---|\n" + "\n".join(rows)
    gases = [
        f"| {name} | {gas.level_1:g} / {gas.level_2:g} | {gas.ppm_1:g} / {gas.ppm_2:g} "
        f"| {'–' if gas.idlh is None else f'{gas.idlh:g}'} | {gas.source} |"
        for name, gas in TOXIC.items()
    ]
    table = "| gas | H / HH mg/m3 | H / HH ppm (20 °C) | IDLH mg/m3 | source |\n|---|---|---|---|---|\n" + "\n".join(
        gases
    )
    return f"## Presets\n\n{SECTION_NOTES['Presets']}\n{head}\n\n{table}\n"


def _of_preset(one: PresetAlarm) -> str:
    shown = {key: one.values[key] for key in ("setpoint", "within", "falling", "by_mode") if key in one.values}
    words = " ".join(str(value) for key, value in shown.items() if key != "by_mode")
    modes = "".join(f", {mode} {change['setpoint']}" for mode, change in shown.get("by_mode", {}).items())
    return f"{one.name} {words}{modes}".strip()


if __name__ == "__main__":
    target = Path(__file__).parents[2] / "docs" / "configuration.md"
    target.parent.mkdir(exist_ok=True)
    target.write_text(document(), encoding="utf-8")
