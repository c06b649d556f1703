import math

import numpy as np

from historian.plant_batch import PlantBatch, PlantBatches, Saved
from historian.progress import Stored
from pipeline import records
from pipeline.log import Entry
from pipeline.model import Command, DeadLetter
from tests.historian_parts import T0, block, config, point, site


def entry(position: int, data: bytes, stamp: int = T0) -> Entry:
    return Entry("TF1", position, stamp, data)


def fresh() -> PlantBatches:
    return begun({}, {})


def begun(stored: dict[str, Stored], saved: dict[str, tuple[int, Saved]]) -> PlantBatches:
    batches = PlantBatches()
    batches.begin(stored, saved, ())
    return batches


def in_columns(batch: PlantBatch) -> list[tuple[object, ...]]:
    """The rows, each with its series' name: the numbers are each batches' own."""
    names = {number: point for number, _, point, _ in batch.series}
    if batch.rows is None:
        return []
    rows = (batch.rows.time, batch.rows.received, batch.rows.value, batch.rows.quality, batch.rows.backfill)
    return [
        (names[number], *row)
        for number, *row in zip(batch.rows.series.tolist(), *(one.tolist() for one in rows), strict=True)
    ]


def test_readings_of_several_records_are_one_set_of_columns() -> None:
    batch = fresh().take(
        [
            entry(1, config(site())),
            entry(2, block(("LT-2", T0 - 5, 2.0), ("LT-1", T0 - 4, 1.0))),
            entry(3, records.TICK_RECORD, T0 + 1000),
            entry(4, block(("LT-1", T0 - 4, 1.0), ("LT-1", T0 + 900, 3.0), ("XX-9", T0, 9.0)), T0 + 1000),
        ]
    )
    rows = batch.rows
    assert rows is not None
    assert rows.series.tolist() == [1, 0, 0]
    assert rows.time.tolist() == [T0 - 5, T0 - 4, T0 + 900]
    assert rows.received.tolist() == [T0, T0, T0 + 1000]
    assert batch.series == [(0, "TF1", "LT-1", "m"), (1, "TF1", "LT-2", "m")]
    assert (batch.received, batch.stored, batch.repeats, batch.unknown) == (5, 3, 1, 1)


def test_every_item_is_stored_or_left_out_for_a_reason() -> None:
    batch = fresh().take(
        [
            entry(1, block(("LT-1", T0, 1.0))),  # before any configuration
            entry(2, config(site())),
            entry(3, records.encode(Command(command="reset", by="x", alarm="TF1/LT-1/H"))),
            entry(4, records.encode(DeadLetter(topic="t", reason="r", detail="d"))),
            entry(5, b"\xff"),
            entry(6, block(("LT-1", T0, 1.0))[:30]),
            entry(7, block(("LT-1", T0, 1.0), ("LT-1", T0, 1.0), ("LT-9", T0, 1.0))),
        ]
    )
    assert batch.received == batch.stored + batch.repeats + batch.unknown == 8
    assert [row[2] for row in batch.dead_letters] == ["r", "damaged_record", "damaged_record"]
    assert [gap.reason for gap in batch.gaps] == ["readings without a configuration: the log no longer held it"]


def test_a_snapshot_and_what_came_after_it_give_what_reading_everything_gives() -> None:
    rng = np.random.default_rng(5)
    log = [entry(1, config(site()))]
    for position in range(2, 60):
        received = T0 + position * 1000 + (20_000 if position > 40 else 0)  # away once
        stamps = T0 + rng.integers(-3000, position * 1100, 4)
        readings = [(f"LT-{1 + i % 2}", int(stamp), float(i % 3)) for i, stamp in enumerate(stamps)]
        log.append(entry(position, block(*readings), received))
    log.insert(30, entry(30, config(site(point("LT-2"), point("LT-1"))), T0 + 29_500))
    log = [one._replace(position=i + 1) for i, one in enumerate(log)]
    whole = in_columns(fresh().take(log))
    for cut in (1, 17, 30, 45, 59):
        first = fresh()
        before = first.take(log[:cut])
        saved = first.save("TF1")
        assert saved is not None
        second = begun({"TF1": Stored(cut, log[cut - 1].stamp)}, {"TF1": (cut, saved)})
        assert in_columns(before) + in_columns(second.take(log[cut - 1 :])) == whole, cut


def test_what_is_behind_moves_admission_and_writes_nothing() -> None:
    batches = begun({"TF1": Stored(2, T0)}, {})
    behind = batches.take([entry(1, config(site())), entry(2, block(("LT-1", T0, 1.0)))])
    assert (behind.rows, behind.moves, behind.received, behind.points) == (None, [], 0, {})
    batch = batches.take([entry(3, block(("LT-1", T0, 1.0), ("LT-1", T0 + 1, 2.0)), T0 + 1)])
    assert batch.rows is not None
    assert batch.rows.value.tolist() == [2.0]
    assert batch.repeats == 1
    assert "TF1" in batch.points  # said again with the first batch: the same rows replace themselves


def test_a_configuration_without_admission_begins_anew() -> None:
    batches = begun({}, {"TF1": (-1, Saved(config(site())[1:], None, None))})
    batch = batches.take([entry(9, block(("LT-1", T0, 1.0)))])
    assert batch.rows is not None
    assert batch.rows.series.tolist() == [0]
    assert batch.series == [(0, "TF1", "LT-1", "m"), (1, "TF1", "LT-2", "m")]


def test_a_configuration_that_was_stored_with_its_position_is_not_written_again() -> None:
    before = fresh()
    written = before.take([entry(1, config(site())), entry(2, block(("LT-1", T0, 1.0)))])
    assert set(written.points) == {"TF1"}
    saved = before.save("TF1")
    assert saved is not None
    after = begun({"TF1": Stored(2, T0)}, {"TF1": (2, saved)})
    batch = after.take([entry(3, block(("LT-1", T0 + 1000, 2.0)), T0 + 1000)])
    assert batch.stored == 1
    assert not batch.points
    changed = after.take([entry(4, config(site(point("LT-9"))), T0 + 2000)])
    assert [row[2] for row in changed.points["TF1"]] == ["LT-9"]


def test_what_comes_back_while_nobody_else_had_it_goes_on_from_memory() -> None:
    batches = fresh()
    batches.take([entry(1, config(site())), entry(2, block(("LT-1", T0, 1.0)))])
    assert batches.carried() == {"TF1": 2}
    batches.begin({"TF1": Stored(2, T0)}, {}, {"TF1"})
    batch = batches.take(
        [entry(2, block(("LT-1", T0, 1.0))), entry(3, block(("LT-1", T0, 1.0), ("LT-1", T0 + 1, 2.0)))]
    )
    assert batch.rows is not None
    assert batch.rows.value.tolist() == [2.0]  # the repeat is still known
    assert (batch.repeats, len(batch.moves), batch.gaps) == (1, 1, [])
    batches.begin({}, {}, ())
    assert batches.carried() == {}


def test_stored_values_are_rounded_to_the_points_resolution_and_others_are_not() -> None:
    batches = fresh()
    batches.take([entry(1, config(site(point("LT-1", resolution=0.1), point("LT-2"))))])
    batch = batches.take([entry(2, block(("LT-1", T0, 3.14159), ("LT-2", T0, 3.14159), ("LT-1", T0 + 1, math.nan)))])
    assert batch.rows is not None
    assert batch.rows.value[:2].tolist() == [3.125, 3.14159]  # 1/16 is the largest power of two below 0.1
    assert math.isnan(batch.rows.value[2])
