import numpy as np

from historian.plant_batch import PlantBatches, Saved
from historian.progress import Progress, Stored
from pipeline import records
from pipeline.log import Entry
from pipeline.model import Command, DeadLetter
from tests.historian_parts import T0, block, config, point, site

SERIES = {("TF1", "LT-1", "m"): 1, ("TF1", "LT-2", "m"): 2}


def entry(position: int, data: bytes, stamp: int = T0) -> Entry:
    return Entry("TF1", position, stamp, data)


def fresh() -> PlantBatches:
    return PlantBatches(Progress("plant", {}, {}), {}, {})


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
    assert rows.series.tolist() == [2, 1, 1]
    assert rows.time.tolist() == [T0 - 5, T0 - 4, T0 + 900]
    assert rows.received.tolist() == [T0, T0, T0 + 1000]
    assert batch.series == [(1, "TF1", "LT-1", "m"), (2, "TF1", "LT-2", "m")]
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
    whole = fresh().take(log).rows
    assert whole is not None
    for cut in (1, 17, 30, 45, 59):
        first = fresh()
        before = first.take(log[:cut]).rows
        saved = first.save("TF1")
        assert saved is not None
        second = PlantBatches(
            Progress("plant", {"TF1": Stored(cut, log[cut - 1].stamp)}, {"TF1": cut}), SERIES, {"TF1": saved}
        )
        after = second.take(log[cut - 1 :]).rows
        assert after is not None
        for name in ("time", "received", "value", "series", "quality", "backfill"):
            parts = [getattr(rows, name) for rows in (before, after) if rows is not None]
            assert np.concatenate(parts).tolist() == getattr(whole, name).tolist(), (cut, name)


def test_what_is_behind_moves_admission_and_writes_nothing() -> None:
    batches = PlantBatches(Progress("plant", {"TF1": Stored(2, T0)}, {}), SERIES, {})
    behind = batches.take([entry(1, config(site())), entry(2, block(("LT-1", T0, 1.0)))])
    assert (behind.rows, behind.moves, behind.received, behind.points) == (None, [], 0, {})
    batch = batches.take([entry(3, block(("LT-1", T0, 1.0), ("LT-1", T0 + 1, 2.0)), T0 + 1)])
    assert batch.rows is not None
    assert batch.rows.value.tolist() == [2.0]
    assert batch.repeats == 1
    assert "TF1" in batch.points  # said again with the first batch: the same rows replace themselves


def test_a_configuration_without_admission_begins_anew() -> None:
    batches = PlantBatches(Progress("plant", {}, {}), {}, {"TF1": Saved(config(site())[1:], None, None)})
    batch = batches.take([entry(9, block(("LT-1", T0, 1.0)))])
    assert batch.rows is not None
    assert batch.rows.series.tolist() == [1]
    assert batch.series == [(1, "TF1", "LT-1", "m"), (2, "TF1", "LT-2", "m")]


def test_a_configuration_that_was_stored_with_its_position_is_not_written_again() -> None:
    before = fresh()
    written = before.take([entry(1, config(site())), entry(2, block(("LT-1", T0, 1.0)))])
    assert set(written.points) == {"TF1"}
    saved = before.save("TF1")
    assert saved is not None
    stored = {"TF1": Stored(2, T0)}
    after = PlantBatches(Progress("plant", stored, {"TF1": 2}), SERIES, {"TF1": saved})
    batch = after.take([entry(3, block(("LT-1", T0 + 1000, 2.0)), T0 + 1000)])
    assert batch.stored == 1
    assert not batch.points
    assert not batch.series
    changed = after.take([entry(4, config(site(point("LT-9"))), T0 + 2000)])
    assert [row[2] for row in changed.points["TF1"]] == ["LT-9"]
