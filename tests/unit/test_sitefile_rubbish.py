"""Whatever is in a site file, checking it ends with a site or with faults, never with an exception."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.sitefile import render_fault, validate
from pipeline.sitefile.files import Packed

TESTS = Path(__file__).parent.parent
SHARED = TESTS.parent.parent / "shared" / "contract" / "site.yaml"
SITE = (SHARED if SHARED.exists() else TESTS / "sites" / "small.yaml").read_text(encoding="utf-8")
VALUES = """5|true|null|[]|{}|[1, 2]|{a: 1}|''|text|1%|5s|owner+1|${n}|${x|-1|1e9|.nan|0x10|[[]]|[{}]|{id: x}
{type: vote}|{type: rate}|{setpoint: 1}|HH|T-101|tank|LT-101/H|[LT-101/H]|safety|high|digital|state|gas-toxic|"5"
[LT-101, 5]|{mode: cleaning}|{alarm: LT-101/HH}|SYSTEM|owner|0s|never|{cleaning: {setpoint: 5}}|2020-01-01"""
VALUES_LIST = VALUES.replace("\n", "|").split("|")
KEYS = """type class setpoint deadband id use alarms points range unit quantity states by_mode count when of limit
override vars modes suppress raw preset gas notify steps to by after match shelving fallback each topic readings"""
KEYS_LIST = KEYS.split()


def _check(text: str) -> None:
    loaded = validate(text, "site.yaml", frozenset(), frozenset())
    assert (loaded.site is None) == bool(loaded.faults)
    for fault in [*loaded.faults, *loaded.warnings]:
        assert fault.line >= 1
        assert "\n" not in render_fault(fault)


def _changed(seed: int) -> str:
    """A good site file with some values, keys or lines changed, most of it still YAML."""
    rng = random.Random(seed)
    lines = SITE.splitlines()
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(lines))
        line = lines[at]
        deed = rng.randrange(4)
        if deed == 0:
            del lines[at]
        elif deed == 1 and ": " in line:
            pieces = line.split(": ")
            part = rng.randrange(1, len(pieces))
            rest = pieces[part]
            cut = min((rest.find(c) for c in ",}" if c in rest), default=len(rest))
            pieces[part] = rng.choice(VALUES_LIST) + rest[cut:]
            lines[at] = ": ".join(pieces)
        elif deed == 2 and ": " in line:
            pieces = line.split(": ")
            part = rng.randrange(len(pieces) - 1)
            head = pieces[part].rstrip("abcdefghijklmnopqrstuvwxyzHL_-")
            pieces[part] = head + rng.choice(KEYS_LIST)
            lines[at] = ": ".join(pieces)
        else:
            lines.insert(at, line)
    return "\n".join(lines)


@given(st.integers(0, 2**32))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_changed_site_file_is_accepted_or_refused_with_faults(seed: int) -> None:
    _check(_changed(seed))


@given(st.text(alphabet=st.sampled_from("abc: -[]{}#&*!|>'\"%@`,?\n\t\0\ufeff\u2028٣1.0~"), max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_text_is_refused_with_faults(text: str) -> None:
    _check(text)


@pytest.mark.parametrize(
    "text", ["", "[]", "1", "schema: 1\n" * 3, "\t", "? a\n: b", "a: &x 1", "--- 1\n--- 2", "[" * 5000]
)
def test_what_is_no_site_file_is_refused(text: str) -> None:
    _check(text)


MANY = """schema: hazardwatch/site/v1
site: {id: s}
include: b.yaml
templates:
  tank: {vars: [n], points: [{id: "LT-${n}", quantity: level, unit: m, range: [0, 10], alarms: {H: {setpoint: 9}}}]}
installations: [{id: A, table: t.csv}]
"""
HEADINGS = """id quantity unit range[0] range[1] range alarms.H.setpoint alarms alarms.H name name.en use n states.0
a[1] override.LT-1/H.why raw.from[0] true 1 null enabled a..b"""
CELLS = """|L1|level|m|0|15|"[0, 15]"|"{H: {setpoint: 5}}"|tank|true|"a,b"|"x|x"|${n}|[|{|{a: [}|null|~|a: b|&a|!!x y
1e400|°C|-"""
INCLUDED = """people: []|templates: {tank: {}}|include: site.yaml|include: [c.yaml, b.yaml]|installations: [{id: A}]
installations: {a: b}|table: x|include: {}|include: ['', 1]|site: 1|installations: [{id: B, table: [t.csv]}]|[]||- a
installations: [{id: B, table: {}}]|installations: [{id: B, points: 5, table: u.csv}]|notify: 1"""
HEADINGS_LIST = HEADINGS.split()
CELLS_LIST = [*CELLS.replace("\n", "|").split("|"), '"two\nlines"']
INCLUDED_LIST = INCLUDED.replace("\n", "|").split("|")


@pytest.mark.parametrize("seed", range(300))
def test_whatever_is_in_its_tables_and_files_checking_comes_to_an_end(seed: int) -> None:
    rng = random.Random(seed)
    rows = [rng.sample(HEADINGS_LIST, rng.randint(1, 7))]
    rows += [rng.choices(CELLS_LIST, k=rng.randint(1, 8)) for _ in range(rng.randint(0, 4))]
    table = rng.choice(["\n", "\r\n", "\r"]).join(",".join(row) for row in rows)
    files = {
        "t.csv": table[: rng.randint(0, len(table) * 5)],
        "b.yaml": rng.choice(INCLUDED_LIST),
        "u.csv": "id,quantity\nX,y\n",
    }
    loaded = validate(MANY, "site.yaml", frozenset(), frozenset(), Packed({"site.yaml": MANY, **files}))
    assert (loaded.site is None) == bool(loaded.faults)
    for fault in [*loaded.faults, *loaded.warnings]:
        assert fault.file
        assert fault.line >= 1
        assert "\n" not in render_fault(fault)
