"""Whatever is in a site file, checking it ends with a site or with faults, never with an exception."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.sitefile import render_fault, validate

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
