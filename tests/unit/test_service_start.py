"""What is wrong with the settings is said before anything is opened, in words, and without a password in them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from hazardwatch.ending import Ending
from hazardwatch.options import Address, Options
from hazardwatch.service import serve
from pipeline.errors import ConfigError

SMALL = Path(__file__).parents[1] / "sites" / "small.yaml"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"tls_cert": SMALL, "tls_key": SMALL, "roles": frozenset({"api"})}, "TLS certificate"),
        ({"dsn": "postgres//me:s3cret@host/db"}, "connection string"),
    ],
)
def test_a_wrong_setting_starts_nothing(tmp_path: Path, more: dict[str, object], words: str) -> None:
    options = Options(site=SMALL, data=tmp_path, http=Address("127.0.0.1", 0), **more)  # type: ignore[arg-type]  # of the test's choice
    with pytest.raises(ConfigError, match=words) as refused:
        asyncio.run(serve(options, Ending()))
    assert "s3cret" not in str(refused.value)
    assert not (tmp_path / "log").exists()
