"""Hints of `check`: what a sound site could do better, one line of each sort, with the places for editors."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pipeline.sitefile import Fault, Loaded, advice, hint_lines, validate

KINDS = frozenset({"high", "low", "rate", "vote", "deviation", "degraded", "stale", "bad", "late", "clock"})
WORDS = "cause: c, consequence: c, action: a, response_time: 10min"
PEOPLE = """positions:
  - {id: desk, reports_to: boss, people: [li, wu]}
  - {id: boss, people: [li, wu]}
people: [{id: li}, {id: wu}]
channels: {hook: {type: webhook, url: "http://127.0.0.1:1"}}
notify: {escalations: [{steps: [{after: 0s, to: owner, by: [hook]}]}]}
"""
GOOD = f"""schema: hazardwatch/site/v1
site: {{id: works}}
installations:
  - id: A
    owner: desk
    points:
      - {{id: L, quantity: level, unit: m, range: [0, 10], alarms: {{H: {{setpoint: 9, {WORDS}}}}}}}
{PEOPLE}"""


def loaded(text: str) -> Loaded:
    found = validate(text, "site.yaml", KINDS, frozenset({"webhook"}))
    assert found.faults == []
    return found


def hints(*changes: tuple[str, str]) -> list[Fault]:
    """Those of the good site with some text changed, without the load, which every site has."""
    text = GOOD
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return [one for one in advice(loaded(text)) if one.kind != "load"]


def of(found: Sequence[Fault]) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.kind, one.of) for one in found]


def test_a_site_that_says_all_there_is_gets_no_hint() -> None:
    assert hints() == []


def test_what_an_alarm_does_not_say_is_named_key_by_key() -> None:
    [hint] = hints((f", {WORDS}", ", cause: c"))
    assert hint.found == "no action, no consequence, no response_time"
    assert (hint.level, hint.line, hint.path) == ("hint", 7, "installations[0].points[0].alarms.H")
    assert of([hint]) == [("guidance", ("A/L/H",))]


def test_a_point_without_an_alarm_is_named_unless_another_one_looks_at_it() -> None:
    point = "      - {id: L2, quantity: level, unit: m, range: [0, 10]}\n"
    alone = hints(("positions:", f"{point}positions:"))
    assert of(alone) == [("no_alarm", ("A/L2",))]
    mismatch = f"{{type: deviation, point: L, reference: L2, setpoint: 1, {WORDS}}}"
    assert hints(("positions:", f"{point}    alarms: {{mismatch: {mismatch}}}\npositions:")) == []


GAS = (
    "{{id: {}, quantity: gas_concentration, gas: methane, unit: '%LEL', range: [0, 100], stale_after: 5s, "
    f"alarms: {{{{H: {{{{setpoint: 25, {WORDS}}}}}}}}}}}}}"
)


def test_gas_detectors_outside_a_vote_are_named() -> None:
    detectors = "".join(f"      - {GAS.format(id_)}\n" for id_ in ("G1", "G2", "G3"))
    vote = f"    alarms: {{gas: {{type: vote, need: 2, of: [G1/H, G2/H], {WORDS}}}}}\n"
    assert of(hints(("positions:", f"{detectors}{vote}positions:"))) == [("no_vote", ("A/G3",))]


def test_two_levels_within_one_deadband_are_named() -> None:
    two = f"{{HH: {{setpoint: 9.5, deadband: 0.5, {WORDS}}}, H: {{setpoint: 9, {WORDS}}}}}"
    [hint] = hints((f"{{H: {{setpoint: 9, {WORDS}}}}}", two))
    assert of([hint]) == [("close_levels", ("A/L/HH",))]
    assert hint.found == "HH is 0.5 from H, no more than their deadband"


def test_silence_and_messages_that_come_later_than_the_response_time_are_named() -> None:
    [silence] = hints(("range: [0, 10],", "range: [0, 10], stale_after: 11min,"))
    assert of([silence]) == [("late_silence", ("A/L/H",))]
    [late] = hints(("after: 0s", "after: 9min"), ("setpoint: 9,", "setpoint: 9, on_delay: 90s,"))
    assert of([late]) == [("told_late", ("A/L/H",))]
    assert "9min after its on-delay of 90s" in late.found


def test_gaps_on_duty_are_named() -> None:
    assert of(hints(("    owner: desk\n", ""), ("to: owner", "to: desk"))) == [("no_owner", ("A",))]
    empty = hints(("{id: desk, reports_to: boss, people: [li, wu]}", "{id: desk}"), ("to: owner", "to: boss"))
    assert of(empty) == [("no_owner", ("A",))]
    assert of(hints(("steps: [", "match: {priority: [critical]}, steps: ["))) == [("nobody_told", ("A/L/H",))]
    assert of(hints(("[{steps: [{after: 0s, to: owner, by: [hook]}]}]", "[]"))) == [("nobody_told", ("works",))]
    [alone] = hints(("reports_to: boss, people: [li, wu]", "reports_to: boss, people: [li]"))
    assert (of([alone]), alone.path) == ([("no_relief", ("desk",))], "positions[0].id")
    assert hints(("{id: boss, people: [li, wu]}", "{id: boss, people: [li]}")) == []  # on no route
    above = hints(("{id: boss, people: [li, wu]}", "{id: boss, people: [li]}"), ("to: owner,", "to: owner+1,"))
    assert of(above) == [("no_relief", ("boss",))]


def test_priorities_are_held_against_80_15_5_without_the_instruments() -> None:
    alarm = f"type: high, setpoint: 9, {WORDS}"
    usual = [*["low"] * 16, *["medium"] * 3, "high"]

    def with_priorities(priorities: list[str]) -> list[Fault]:
        alarms = ", ".join(f"a{n}: {{{alarm}, priority: {one}}}" for n, one in enumerate(priorities))
        return hints((f"{{H: {{setpoint: 9, {WORDS}}}}}", f"{{{alarms}}}"))

    assert with_priorities(usual) == []
    [hint] = with_priorities(["critical"] * 5 + ["low"] * 15)
    assert hint.found.startswith(
        "priorities of the 20 alarms (those of class instrument left out): 25 % critical, 0 % high, 0 % medium, 75 %"
    )
    assert with_priorities(["critical"] * 19) == []  # too few to tell


def test_the_load_says_what_it_is_worked_out_from() -> None:
    [hint] = [one for one in advice(loaded(GOOD)) if one.kind == "load"]
    assert hint.found.startswith(
        "alarm load, guessed from the number of alarms alone: 1 alarm of desk, each once in 30"
    )


def test_one_line_stands_for_all_of_a_sort() -> None:
    points = "".join(f"      - {{id: P{n}, quantity: level, unit: m, range: [0, 10]}}\n" for n in range(60))
    found = hints(("positions:", f"{points}positions:"))
    assert len(found) == 60
    assert hint_lines(found) == ["60 points have no alarm but those of every point: A/P0, A/P1, A/P2 and 57 more"]
    assert hint_lines(found[:1]) == ["site.yaml:8: A/P0: no alarm but those of every point"]
    alarms = ", ".join(
        f"a{n}: {{type: high, setpoint: 9, cause: c, action: a{', response_time: 5min' * (n % 2)}}}" for n in range(3)
    )
    [line] = hint_lines(hints((f"{{H: {{setpoint: 9, {WORDS}}}}}", f"{{{alarms}}}")))
    assert line == (
        "3 alarms do not tell the operator enough (no consequence: 3, no response_time: 2): A/L/a0, A/L/a1, A/L/a2"
    )


def test_what_stands_in_a_template_once_is_one_hint_with_all_its_alarms() -> None:
    template = """templates:
  tank:
    vars: [n]
    points: [{id: "T${n}", quantity: level, unit: m, range: [0, 10], alarms: {H: {setpoint: 9}}}]
"""
    uses = "".join(f"      - {{id: E{n}, use: tank, n: {n}}}\n" for n in range(3))
    owner = "    owner: desk\n"
    found = hints(("installations:", f"{template}installations:"), (owner, f"{owner}    equipment:\n{uses}"))
    assert of(found) == [("guidance", ("A/T0/H", "A/T1/H", "A/T2/H"))]
    assert found[0].path == "templates.tank.points[0].alarms.H"


@pytest.mark.parametrize("text", ["", GOOD.replace("quantity: level", "quantity: levl")])
def test_a_site_with_faults_gets_no_advice(text: str) -> None:
    assert advice(validate(text, "site.yaml", KINDS, frozenset({"webhook"}))) == []
