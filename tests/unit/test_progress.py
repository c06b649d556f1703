import pytest

from historian.progress import Gap, Move, Place, Progress, Stored
from pipeline.errors import Permanent
from pipeline.log import Entry


def entry(position: int, stamp: int | None = None, installation: str = "A") -> Entry:
    return Entry(installation, position, position * 10 if stamp is None else stamp, b"")


def test_a_new_installation_moves_from_nothing() -> None:
    progress = Progress("plant", {}, {})
    assert [progress.see(entry(p)) for p in (3, 4, 9)] == [Place.NEW] * 3
    assert progress.take_moves() == ([Move("A", -1, 9, 90)], [])
    assert progress.see(entry(12)) is Place.NEW
    assert progress.take_moves() == ([Move("A", 9, 12, 120)], [])


def test_what_is_stored_only_moves_on_what_is_carried() -> None:
    progress = Progress("plant", {"A": Stored(5, 50)}, {"A": 3})
    places = [progress.see(entry(p)) for p in (3, 4, 5, 5, 7)]
    assert places == [Place.AGAIN, Place.BEHIND, Place.BEHIND, Place.AGAIN, Place.NEW]
    assert progress.take_moves() == ([Move("A", 5, 7, 70)], [])


def test_the_joint_is_proved_by_the_record_the_database_ended_with() -> None:
    progress = Progress("plant", {"A": Stored(5, 50)}, {"A": 5})
    assert progress.see(entry(5)) is Place.AGAIN
    assert progress.see(entry(7)) is Place.NEW
    assert progress.take_moves()[1] == []


def test_records_that_are_gone_are_a_gap_told_once() -> None:
    progress = Progress("plant", {"A": Stored(5, 50)}, {"A": 3})
    assert [progress.see(entry(p)) for p in (4, 8, 9)] == [Place.BEHIND, Place.NEW, Place.NEW]
    moves, gaps = progress.take_moves()
    assert moves == [Move("A", 5, 9, 90)]
    assert gaps == [Gap("plant", "A", 5, 8, 50, 80, "the log no longer held these records")]


def test_another_record_where_the_database_ended_is_another_log() -> None:
    progress = Progress("plant", {"A": Stored(5, 50)}, {})
    progress.see(entry(4))
    with pytest.raises(Permanent, match="not the one this database was filled from"):
        progress.see(entry(5, stamp=51))


def test_installations_do_not_mix() -> None:
    progress = Progress("alarm", {"A": Stored(5, 50)}, {"A": 5})
    assert progress.see(entry(2, installation="B")) is Place.NEW
    assert progress.see(entry(2)) is Place.AGAIN
    assert progress.take_moves() == ([Move("B", -1, 2, 20)], [])
