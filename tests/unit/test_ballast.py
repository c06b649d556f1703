from pathlib import Path

import pytest

from pipeline.ballast import Ballast


def test_a_ballast_takes_real_blocks_and_gives_them_back(tmp_path: Path) -> None:
    ballast = Ballast(tmp_path / "ballast", 2_500_000)
    assert not ballast.present()
    ballast.make()
    assert ballast.present()
    stat = (tmp_path / "ballast").stat()
    assert stat.st_size == 2_500_000
    assert stat.st_blocks * 512 >= 2_500_000
    assert ballast.release()
    assert not ballast.present()
    assert not ballast.release()
    assert list(tmp_path.iterdir()) == []


def test_a_smaller_ballast_of_an_earlier_setting_does_not_count(tmp_path: Path) -> None:
    Ballast(tmp_path / "ballast", 1_000).make()
    assert not Ballast(tmp_path / "ballast", 2_000).present()


def test_no_ballast_wanted_is_always_there_and_gives_nothing(tmp_path: Path) -> None:
    ballast = Ballast(tmp_path / "ballast", 0)
    assert ballast.present()
    assert not ballast.release()


def test_a_ballast_that_cannot_be_made_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "ballast").mkdir()  # the rename at the end fails
    with pytest.raises(OSError, match="directory"):
        Ballast(tmp_path / "ballast", 1_000).make()
    assert [path.name for path in tmp_path.iterdir()] == ["ballast"]
