"""What a row measures: by the letters of its tag (ISA-5.1), the words of its columns, its unit. Refuses in doubt."""

from __future__ import annotations

import re
from typing import NamedTuple

from pipeline.iolist.numbers import NotMeasured, NotUnderstood
from pipeline.iolist.sheet import fold
from pipeline.iolist.unit_names import quantities_of
from pipeline.units import UNITS

GAS = "gas_concentration"
STATE = "state"
_OUTPUT = re.compile(r"\b[da]o\b|(?:数字|模拟|开关)量?输出|(?:digital|analog(?:ue)?|discrete) output", re.IGNORECASE)
_CONTACT = re.compile(
    r"\bdi\b|开关量|数字量|干接点|无源触点|数字输入|\b(?:digital|discrete|binary|contact)\b", re.IGNORECASE
)
_WORDS: tuple[tuple[str, str], ...] = (
    (STATE, r"开关|按钮|手报|手动报警|反馈|到位|运行状态|运行信号|故障|火焰|感烟|感温"),
    (STATE, r"\b(?:switch\w*|status|button|feedback|running|fault|flame|smoke|call point)\b"),
    (GAS, r"可燃|有毒|毒气|气体|浓度|含量|\bgas\b|\blel\b|\bdetector\b|\bconcentration\b"),
    ("level", r"液位|料位|界位|物位|液面|\blevel\b|\binterface\b"),
    ("temperature", r"温度|热电[偶阻]|\btemp(?:erature)?s?\b|\brtd\b|\bpt ?100\b|\bthermo\w+"),
    ("pressure", r"压力|压差|差压|真空|\bpress(?:ure)?\b|\bvacuum\b|\bdp\b"),
    ("flow", r"流量|\bflow(?:rate)?\b|\binflow\b|\boutflow\b"),
    ("displacement", r"位移|沉降|形变|\bdisplacement\b|\bsettlement\b"),
    ("power", r"功率|\bpower\b"),
)  # fmt: skip
_PATTERNS = tuple((quantity, re.compile(pattern)) for quantity, pattern in _WORDS)
_FIRST = {
    "T": "temperature", "P": "pressure", "L": "level", "F": "flow", "A": GAS, "G": GAS, "Q": GAS, "J": "power",
    "Z": "displacement",
}  # fmt: skip
_ANALOG = re.compile(r"(TD|PD|LD|FD|[TPLFAGQJZ])(?=[ITECRDAQSZ])([ITECRAQSZYDHL]{1,6}|DS)\Z")
_SWITCH = re.compile(r"(?:(?:[TPLFAZGQ]|PD)S(?:HH|LL|H|L)?|(?:Z|X|H|Y|U|K)(?:S|A|L|I|SO|SC|LO|LC|IO|IC|SH|SL))\Z")
_VALVE = re.compile(r"(?:XV|XZV|UV|UZV|HV|HZV|ZV|MOV|SDV|BDV|ESDV|ESD|EIV|ROV|SOV|KV|XCV|XSV|MCP|HS)\Z")
_NOT_SENDING = re.compile(r"(?:PSV|TSV|PSE|PRV|PV|TV|FV|LV|PCV|TCV|FCV|LCV|FQ|FQI|FQT)\Z")
_NO_INSTRUMENT = frozenset(("AI", "DI", "AO", "DO"))
_ALARM = re.compile(r"[SA](HH|LL|H|L)\Z")


class Letters(NamedTuple):
    """The instrument letters of a tag: LSHH of T101-LSHH-01. `quantity`: what they say it measures."""

    text: str
    quantity: str


def letters_of(tag: str) -> Letters | None:
    """The last group of letters that names an instrument (before it may stand an area's); None where none does."""
    groups = [one for one in re.findall(r"[A-Z]{2,7}", fold(tag).upper()) if one not in _NO_INSTRUMENT]
    for group in reversed(groups):
        if _SWITCH.match(group) or _VALVE.match(group):
            return Letters(group, STATE)
        found = None if _NOT_SENDING.match(group) else _ANALOG.match(group)
        if found:
            return Letters(group, _FIRST[found[1][0]])
    return next((Letters(group, "") for group in reversed(groups) if _NOT_SENDING.match(group)), None)


def alarm_named(tag: str) -> str | None:
    """HH of LSHH and LAHH: the alarm that the letters themselves are."""
    found = letters_of(tag)
    name = None if found is None else _ALARM.search(found.text)
    return None if name is None else name[1]


def spoken_of(text: str) -> list[str]:
    """The quantities whose words stand in the text, the last one last."""
    folded = re.sub(r"\([^)]*\)", " ", fold(text).casefold())
    found = [(match.end(), quantity) for quantity, pattern in _PATTERNS for match in pattern.finditer(folded)]
    if any(quantity == STATE for _, quantity in found):
        return [STATE]
    return [quantity for _, quantity in sorted(found)]


def quantity_of(tag: str, kinds: list[str], name: str, unit: str | None) -> str:
    """What the row measures. Raises NotUnderstood where nothing says it, or two things say two things."""
    if any(_OUTPUT.search(one) for one in kinds):
        raise NotMeasured("an output; hazardwatch reads what is measured")
    of_kinds = (letters_of(one) for one in kinds if re.fullmatch(r"[A-Z]{2,5}", fold(one)))
    letters = letters_of(tag) or next(filter(None, of_kinds), None)
    is_switch = letters is not None and _SWITCH.match(letters.text) is not None
    spoken = [one for kind in kinds for one in spoken_of(kind)]
    if any(_CONTACT.search(one) for one in kinds):
        if unit is not None and not is_switch and STATE not in spoken:
            raise NotUnderstood(f"a contact, and yet the unit {unit}")
        return STATE
    if is_switch or STATE in spoken:
        return STATE
    return _fitting(_candidates(letters, spoken, unit), name, unit)


def _candidates(letters: Letters | None, spoken: list[str], unit: str | None) -> list[str]:
    """What the columns say, then what the letters say. A, G and Q are a plant's own choice: a unit wins over them."""
    told = list(dict.fromkeys(spoken[-1:]))
    if letters is None:
        return told
    if letters.quantity in spoken:
        return [letters.quantity]
    if letters.quantity == GAS and (told or (unit is not None and unit not in UNITS[GAS])):
        return told
    if not letters.quantity and not told:
        raise NotUnderstood(f"{letters.text} is no quantity that hazardwatch carries")
    return [*told, letters.quantity] if letters.quantity else told


def _fitting(candidates: list[str], name: str, unit: str | None) -> str:
    fitting = [one for one in candidates if unit is None or unit in UNITS.get(one, {})]
    if len(candidates) > len(fitting) == 0:
        raise NotUnderstood(f"{candidates[0]} is not told in {unit}")
    if len(fitting) > 1:
        raise NotUnderstood(f"{fitting[0]} by its columns, {fitting[1]} by the letters of its tag")
    if fitting:
        return fitting[0]
    by_unit = [] if unit is None else quantities_of(unit)
    by_name = [one for one in spoken_of(name) if one in by_unit or (unit is None and one == STATE)]
    if len(by_unit) == 1 or by_name:
        return by_name[-1] if by_name else by_unit[0]
    raise NotUnderstood("nothing says what it measures (letters of the tag, type, unit)")
