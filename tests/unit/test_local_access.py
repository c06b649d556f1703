"""The file by which the command line finds the service of a data folder."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from hazardwatch.local_access import FILE, LocalAccess, announce, find, withdraw
from pipeline.errors import ConfigError


def test_what_is_announced_is_found_until_it_is_withdrawn(tmp_path: Path) -> None:
    access = LocalAccess(url="http://127.0.0.1:8787", token="t", dsn="postgresql:///x")
    data = tmp_path / "new"
    announce(data, access)
    assert find(data) == access
    assert stat.S_IMODE((data / FILE).stat().st_mode) == 0o600
    withdraw(data)
    with pytest.raises(ConfigError, match="no service runs"):
        find(data)
    withdraw(data)


def test_a_damaged_file_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("{")
    with pytest.raises(ConfigError, match="restart the service"):
        find(tmp_path)
