import msgspec

from historian.alarm_batch import AlarmBatch, AlarmBatches
from historian.progress import Progress
from historian.rows import event_row
from pipeline import records
from pipeline.log import Entry
from pipeline.model import DeadLetter, Event, Judged, Standing
from tests.historian_parts import T0, config, event, site


def take(*data: bytes, last: tuple[int, int] | None = None) -> AlarmBatch:
    batches = AlarmBatches(Progress("alarm", {}, {}), {"TF1": last} if last else {})
    return batches.take(Entry("TF1", i + 1, T0, one) for i, one in enumerate(data))


def said(*events: Event) -> list[bytes]:
    return [records.encode(one) for one in events]


def test_what_the_engine_says_again_is_left_out_and_counted() -> None:
    batch = take(
        *said(event(4, 1, "UNACK"), event(4, 2, "ACKED"), event(4, 2, "ACKED"), event(5, 0, None)), last=(4, 1)
    )
    assert [row[1:3] for row in batch.events] == [(4, 2), (5, 0)]
    assert (batch.received, batch.stored, batch.repeats) == (4, 2, 2)


def test_only_events_with_a_state_change_what_stands() -> None:
    batch = take(*said(event(1, 0, "UNACK"), event(2, 0, None, alarm="TF1/X"), event(3, 0, "NORMAL", alarm="TF1/Y")))
    assert {alarm: row is not None for (_, alarm), row in batch.standing.items()} == {
        "TF1/LT-1/H": True,
        "TF1/Y": False,
    }


def test_a_refusal_does_not_hide_the_event_that_a_standing_alarm_is_shown_by() -> None:
    raised, refused = event(1, 0, "UNACK"), msgspec.structs.replace(event(2, 0, "UNACK"), event="refused")
    [row] = take(*said(raised, refused)).standing.values()
    assert row == event_row("TF1", raised)


def test_a_list_of_what_stands_replaces_what_was_known_of_its_installation() -> None:
    listed = records.encode(Standing(position=2, alarms={"TF1/Z": event(1, 5, "ACKED", alarm="TF1/Z")}))
    batch = take(*said(event(2, 0, "UNACK")), listed, *said(event(3, 0, "NORMAL", alarm="TF1/Z")))
    assert batch.restated == {"TF1"}
    assert batch.standing == {("TF1", "TF1/Z"): None}


def test_an_old_list_is_passed_over() -> None:
    batch = take(*said(event(4, 0, "UNACK")), records.encode(Standing(position=3, alarms={})))
    assert batch.restated == set()
    assert len(batch.standing) == 1


def test_damaged_and_foreign_records_are_on_record() -> None:
    batch = take(b"\x10{", records.encode(DeadLetter(topic="t", reason="r", detail="d")), config(site()))
    assert batch.damaged == 2
    assert [gap.until_position for gap in batch.gaps] == [1, 2]


def test_the_newest_progress_counts() -> None:
    batch = take(*(records.encode(Judged(second=T0 + i, position=i)) for i in range(3)))
    assert [row[1] for row in batch.judged.values()] == [2]
