"""A graded warning in the engine's alarm log: said once, whatever is killed in between, and answered to who acts."""

from __future__ import annotations

import msgspec
import pytest

from hazardwatch.engine import Engine
from hazardwatch.engine_desk import EngineDesk
from pipeline import records
from pipeline.log import Entry
from pipeline.model import Command, Event, WarningAct, WarningEvent
from pipeline.site import Alarm, Installation, Person, Point, Site, Text, WarningRule, Warnings
from tests.engine_play import block_of
from tests.oracle.records import Reading

T0 = 1_795_334_400_000
SITE = Site(
    id="s",
    name=Text(en="S", zh="S"),
    people=(Person(id="li.wei", name="李伟", language="zh-CN"),),
    installations=(
        Installation(
            id="TF1",
            name=Text(en="TF1", zh="TF1"),
            points=(
                Point(
                    id="LT",
                    name=Text(en="LT", zh="LT"),
                    quantity="level",
                    unit="m",
                    low=0.0,
                    high=15.0,
                    stale_after_ms=None,
                    late_after_ms=60_000,
                    alarms=(
                        Alarm(
                            id="TF1/LT/H",
                            name="H",
                            point="LT",
                            kind="high",
                            alarm_class="process",
                            priority="critical",
                            setpoint=13.0,
                            deadband=0.1,
                        ),
                    ),
                ),
            ),
        ),
    ),
    warnings=Warnings(rules=(WarningRule(level="orange", priority="critical"),)),
)


def _log() -> list[Entry]:
    """High, taken, verified, low again and eleven quiet minutes."""
    datas: list[tuple[int, bytes]] = [
        (0, records.encode_site(SITE)),
        (1_000, records.encode_block(block_of([Reading("LT", T0 + 1_000, 14.0)]))),
        (2_000, records.encode(Command(command="acknowledge", by="li.wei", alarm="TF1/LT/H"))),
    ]
    datas += [(3_000, records.encode_block(block_of([Reading("LT", T0 + 3_000, 2.0)])))]
    datas += [(3_500 + n * 1_000, records.TICK_RECORD) for n in range(700)]
    return [Entry("TF1", 1 + n, T0 + at, data) for n, (at, data) in enumerate(datas)]


def _act(position: int, warning: str) -> Entry:
    act = WarningAct(warning=warning, act="verify", by="li.wei", verdict="true", cause="valve stuck")
    return Entry("TF1", position, T0 + 800_000, records.encode(act))


def _told(data: list[bytes]) -> list[str]:
    found = [records.decode(one) for one in data if one[0] == records.Kind.WARNING]
    return [f"{one.event} {one.level} {one.actor or ''}".strip() for one in found if isinstance(one, WarningEvent)]


def _warning(data: list[bytes]) -> str:
    return next(one.warning for one in map(records.decode, data) if isinstance(one, WarningEvent))


def test_a_warning_goes_from_its_alarm_to_its_clearing_in_the_alarm_log() -> None:
    desk = EngineDesk(Engine("TF1"))
    said = [data for entry in _log() for data in desk.take(entry)]
    assert _told(said) == ["issued orange", "signed orange li.wei"]
    said = desk.take(_act(1_000, _warning([one for one in said if one[0] == records.Kind.WARNING])))
    assert _told(said)[:1] == ["verified orange li.wei"]
    cleared = desk.take(Entry("TF1", 1_001, T0 + 802_000, records.TICK_RECORD))
    assert _told(cleared) == ["cleared None"]


@pytest.mark.parametrize("killed_after", [0, 1, 2, 3, 200])
def test_killed_anywhere_it_says_every_change_once_and_the_same(killed_after: int) -> None:
    log = _log()
    whole = EngineDesk(Engine("TF1"))
    expected = [data for entry in log for data in whole.take(entry) if data[0] == records.Kind.WARNING]
    first = EngineDesk(Engine("TF1"))
    said = [data for entry in log[: killed_after + 1] for data in first.take(entry)]
    second = EngineDesk.restore("TF1", first.snapshot())
    for number, data in enumerate(said):
        second.heard(Entry("TF1", number, 0, data))
    said += [data for entry in log[killed_after + 1 :] for data in second.take(entry)]
    assert [one for one in said if one[0] == records.Kind.WARNING] == expected


def test_an_act_on_a_warning_that_is_not_there_is_refused_on_record() -> None:
    desk = EngineDesk(Engine("TF1"))
    desk.take(_log()[0])
    said = desk.take(_act(2, "other"))
    [refused] = [one for one in map(records.decode, said) if isinstance(one, WarningEvent)]
    assert (refused.event, refused.reason, refused.position) == ("refused", "unknown_warning", 2)
    assert said[-1][0] == records.Kind.JUDGED


def test_a_record_of_a_warning_goes_through_its_bytes() -> None:
    change = WarningEvent(warning="w", seq=1, time=T0, event="issued", from_level=None, level="blue", alarms=("a",))
    assert records.decode(records.encode(change)) == change
    assert msgspec.json.decode(records.encode(change)[1:])["from"] is None


def test_an_act_that_cannot_be_read_costs_none_of_the_alarms_before_it() -> None:
    desk = EngineDesk(Engine("TF1"))
    point = SITE.installations[0].points[0]
    delayed = msgspec.structs.replace(point, alarms=(msgspec.structs.replace(point.alarms[0], on_delay_ms=2_000),))
    site = msgspec.structs.replace(
        SITE, installations=(msgspec.structs.replace(SITE.installations[0], points=(delayed,)),)
    )
    desk.take(Entry("TF1", 1, T0, records.encode_site(site)))
    desk.take(Entry("TF1", 2, T0 + 1_000, records.encode_block(block_of([Reading("LT", T0 + 1_000, 14.0)]))))
    desk.take(Entry("TF1", 3, T0 + 2_000, records.TICK_RECORD))
    broken = Entry("TF1", 4, T0 + 4_500, bytes([records.Kind.WARNING_ACT]) + b"{")
    with pytest.raises(records.BadRecord):
        desk.take(broken)
    assert desk.engine.position == 3
    as_tick = desk.take(Entry("TF1", 4, T0 + 4_500, records.TICK_RECORD))
    raised = [one for one in map(records.decode, as_tick) if isinstance(one, Event)]
    assert [one.event for one in raised] == ["raised"]


def test_a_restart_looks_at_no_second_twice() -> None:
    lasting_rule = WarningRule(level="orange", priority="critical", lasting_ms=720)
    rules = Warnings(rules=(lasting_rule, WarningRule(level="blue", priority="critical")))
    lasting = msgspec.structs.replace(SITE, warnings=rules)
    datas = [
        (0, records.encode_site(lasting)),
        (1_300, records.encode_block(block_of([Reading("LT", T0 + 1_300, 14.0)]))),
        (2_050, records.encode(Command(command="acknowledge", by="li.wei", alarm="TF1/LT/H"))),
        (2_060, records.encode_block(block_of([Reading("LT", T0 + 2_060, 14.5)]))),
    ]
    log = [Entry("TF1", 1 + n, T0 + at, data) for n, (at, data) in enumerate(datas)]
    desk = EngineDesk(Engine("TF1"))
    straight = [told for entry in log for told in _told(desk.take(entry))]
    desk = EngineDesk(Engine("TF1"))
    restarted = []
    for entry in log:
        restarted += _told(desk.take(entry))
        desk = EngineDesk.restore("TF1", desk.snapshot())
    assert straight == restarted == ["issued blue", "raised orange", "signed orange li.wei"]
