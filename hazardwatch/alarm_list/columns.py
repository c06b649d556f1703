"""The columns of the alarm list, in their order. Data only."""

from __future__ import annotations

from typing import Literal, NamedTuple

Kind = Literal["words", "number", "duration", "choice", "yes_no", "parts"]
Path = tuple[str, ...]
"""An attribute of an alarm as the site file nests it: ("shelving", "max"), ("by_mode", "cleaning", "setpoint")."""


class Column(NamedTuple):
    """`path` of the attribute it shows, empty where it only informs; a column of parts shows all below its path."""

    title: str
    kind: Kind
    path: Path
    width: int
    says: str


PARAMETERS = Column(
    "parameters", "parts", (), 34, "What only alarms of this type have: rising: 0.5; per: 1min; window: 1min"
)

ABOUT: tuple[Column, ...] = (
    Column("alarm", "words", (), 24, "INSTALLATION/POINT/NAME. Which row is which alarm: do not change it."),
    Column("point en", "words", (), 26, "What the point is called. Not changed here."),
    Column("point zh-CN", "words", (), 20, "What the point is called, in Chinese. Not changed here."),
    Column("equipment", "words", (), 13, "The equipment the point belongs to. Not changed here."),
    Column("unit", "words", (), 8, "Unit of setpoint, deadband and parameters. Not changed here."),
    Column("range", "words", (), 13, "Bottom and top of the instrument. Not changed here."),
    Column("type", "words", (), 13, "How it is judged. Not changed here."),
)
EDITED: tuple[Column, ...] = (
    Column("class", "choice", ("class",), 11, "An alarm class of the site. What the class gives follows it."),
    Column("priority", "choice", ("priority",), 10, "critical, high, medium or low"),
    Column("setpoint", "number", ("setpoint",), 10, "In the point's unit. Another unit of the quantity: 95 kPa."),
    Column("deadband", "number", ("deadband",), 10, "In the point's unit, or in % of the range: 1%."),
    Column("when", "choice", ("when",), 10, "The state of the point in which it is on."),
    PARAMETERS,
    Column("count", "parts", ("count",), 24, "On only when it starts often: times: 3; within: 1min; sustained: 1min"),
    Column("on_delay", "duration", ("on_delay",), 9, "A number with a unit: 500ms, 5s, 15min, 8h."),
    Column("off_delay", "duration", ("off_delay",), 9, "A number with a unit: 500ms, 5s, 15min, 8h."),
    Column(
        "by_mode",
        "parts",
        ("by_mode",),
        30,
        "What differs in a mode: cleaning: setpoint 60, priority low; filling: ...",
    ),
    Column("response_time", "duration", ("response_time",), 10, "The time a person has to act."),
    Column("cause en", "words", ("cause", "en"), 30, "Empty: the same in both languages."),
    Column("cause zh-CN", "words", ("cause", "zh-CN"), 26, "Empty: the same in both languages."),
    Column("consequence en", "words", ("consequence", "en"), 30, "Empty: the same in both languages."),
    Column("consequence zh-CN", "words", ("consequence", "zh-CN"), 26, "Empty: the same in both languages."),
    Column("action en", "words", ("action", "en"), 34, "Empty: the same in both languages."),
    Column("action zh-CN", "words", ("action", "zh-CN"), 28, "Empty: the same in both languages."),
    Column("latching", "yes_no", ("latching",), 9, "Stays until a person resets it: yes or no."),
    Column("ack_required", "yes_no", ("ack_required",), 9, "A person must acknowledge it: yes or no."),
    Column("realarm", "duration", ("realarm",), 9, "Raised again so long after an acknowledgement. Empty: not."),
    Column("on_bad", "choice", ("on_bad",), 8, "When the point is lost: hold or trip."),
    Column("shelving.allowed", "yes_no", ("shelving", "allowed"), 9, "May be shelved: yes or no."),
    Column("shelving.max", "duration", ("shelving", "max"), 9, "The longest shelf."),
    Column("exempt_from_bundling", "yes_no", ("exempt_from_bundling",), 10, "Always told on its own: yes or no."),
)
BEHIND: tuple[Column, ...] = (
    Column(
        "notify", "words", (), 44, "Who is told, when and by what. Follows from priority and class; not changed here."
    ),
    Column("as exported", "words", (), 12, "Tells whether the site file changed this alarm since. Do not change it."),
)
COLUMNS = (*ABOUT, *EDITED, *BEHIND)
ALARM, NOTIFY, EXPORTED = ABOUT[0], *BEHIND
BY_TITLE = {one.title: one for one in COLUMNS}
FROM = " from"
"""Ends the title of a column (CSV) that says where the values of another come from."""


def column_of(path: Path) -> Column:
    """The column in which an attribute stands."""
    return next((one for one in EDITED if one.path and one.path == path[: len(one.path)]), PARAMETERS)
