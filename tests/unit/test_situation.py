"""First-out, cause and consequence, rising severity: what is said beside an alarm."""

from __future__ import annotations

import msgspec

from alerting.relations import Relations
from alerting.situation import Marks, Situation
from pipeline.model import Event
from pipeline.site import Alarm, Installation, Point, Suppress, Text
from tests.alarm_story import event


def _alarm(point: str, name: str, kind: str, setpoint: float | None) -> Alarm:
    return Alarm(
        id=f"TF1/{point}/{name}",
        name=name,
        point=point,
        kind=kind,
        alarm_class="process",
        priority="high",
        setpoint=setpoint,
    )


def _point(id_: str, equipment: str | None, *alarms: tuple[str, str, float | None]) -> Point:
    return Point(
        id=id_,
        name=Text(en=id_, zh=id_),
        quantity="level",
        unit="m",
        equipment=equipment,
        alarms=tuple(_alarm(id_, *one) for one in alarms),
    )


FARM = Installation(
    id="TF1",
    name=Text(en="Tank farm", zh="罐区"),
    points=(
        _point("LT", "T-1", ("HH", "high", 13.0), ("H", "high", 12.0), ("L", "low", 2.0), ("LL", "low", 1.0)),
        _point("PT", "T-1", ("H", "high", 3.0), ("STALE", "stale", None)),
        _point("GT", None, ("H", "high", 25.0)),
    ),
    suppress=(Suppress(id="c", alarms=("TF1/PT/H",), cause="TF1/LT/HH"),),
)
RELATIONS = Relations(FARM)


def _situation(*told: tuple[str, str, str]) -> Situation:
    situation = Situation()
    for n, (alarm, what, state) in enumerate(told):
        situation.event(event(n, what, state, alarm=f"TF1/{alarm}", at=n * 1000), RELATIONS)
    return situation


def _marks(situation: Situation, alarm: str) -> Marks:
    return situation.marks(f"TF1/{alarm}", RELATIONS)


def test_only_limits_on_the_same_side_that_are_met_first_are_milder() -> None:
    assert RELATIONS.milder("TF1/LT/HH") == ("TF1/LT/H",)
    assert RELATIONS.milder("TF1/LT/LL") == ("TF1/LT/L",)
    assert RELATIONS.milder("TF1/LT/H") == ()
    assert RELATIONS.graver("TF1/LT/H") == ("TF1/LT/HH",)


def test_the_first_alarm_of_an_equipment_is_first_out_once_another_followed() -> None:
    alone = _situation(("LT/H", "raised", "UNACK"))
    assert _marks(alone, "LT/H").first_out is None
    both = _situation(("LT/H", "raised", "UNACK"), ("PT/H", "raised", "UNACK"))
    assert _marks(both, "LT/H").first_out == "T-1"
    assert _marks(both, "PT/H").first_out is None


def test_first_out_stays_until_the_whole_group_is_normal() -> None:
    story = [("LT/H", "raised", "UNACK"), ("PT/H", "raised", "UNACK"), ("LT/H", "acknowledged", "NORMAL")]
    assert _situation(*story).first == {"T-1": "TF1/LT/H"}
    ended = _situation(*story, ("PT/H", "acknowledged", "NORMAL"), ("PT/H", "raised", "UNACK"))
    assert ended.first == {"T-1": "TF1/PT/H"}


def test_an_alarm_of_the_instrument_is_never_first_out() -> None:
    both = _situation(("PT/STALE", "raised", "UNACK"), ("LT/H", "raised", "UNACK"), ("PT/H", "raised", "UNACK"))
    assert both.first == {"T-1": "TF1/LT/H"}
    assert _marks(both, "PT/STALE").first_out is None


def test_what_a_standing_alarm_suppresses_is_named_as_its_consequence() -> None:
    both = _situation(("LT/HH", "raised", "UNACK"), ("PT/H", "raised", "SUPPRESSED_BY_DESIGN"))
    assert _marks(both, "PT/H").consequence_of == "TF1/LT/HH"
    assert _marks(_situation(("PT/H", "raised", "UNACK")), "PT/H").consequence_of is None


def test_an_alarm_says_from_which_milder_one_it_rose() -> None:
    assert (
        _marks(_situation(("LT/H", "raised", "ACKED"), ("LT/HH", "raised", "UNACK")), "LT/HH").rose_from == "TF1/LT/H"
    )
    shelved = _situation(("LT/H", "shelved", "SHELVED"), ("LT/HH", "raised", "UNACK"))
    assert _marks(shelved, "LT/HH").rose_from is None


def test_suppressed_raises_count_for_chattering_and_not_for_the_flood() -> None:
    raises = [("LT/H", "raised", "SHELVED"), ("LT/H", "returned", "SHELVED")] * 3
    situation = _situation(*raises)
    assert _marks(situation, "LT/H").chattering
    assert situation.flood.times == []


def test_what_comes_out_of_a_suppression_unacknowledged_is_announced() -> None:
    assert len(_situation(("LT/H", "unshelved", "UNACK")).flood.times) == 1
    assert _situation(("LT/H", "unshelved", "RTN_UNACK")).flood.times == []


def test_the_engines_own_word_on_what_stands_wins() -> None:
    situation = _situation(("LT/H", "raised", "UNACK"), ("PT/H", "raised", "UNACK"))
    now: dict[str, Event] = {"TF1/PT/H": event(9, "raised", "UNACK", alarm="TF1/PT/H")}
    situation.standing(now, RELATIONS)
    assert situation.on == {"TF1/PT/H": "UNACK"}
    assert situation.sizes == {"T-1": 1}


def test_a_situation_goes_on_from_its_bytes() -> None:
    situation = _situation(("LT/H", "raised", "UNACK"), ("PT/H", "raised", "UNACK"), ("GT/H", "raised", "UNACK"))
    assert msgspec.json.decode(msgspec.json.encode(situation), type=Situation) == situation
