"""The broker's address and secrets: every form read, every fault plain, no password in any text."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.broker import TlsFiles, broker_of
from pipeline.errors import ConfigError


@pytest.mark.parametrize(
    ("url", "host", "port", "tls"),
    [
        ("mqtt://broker", "broker", 1883, False),
        ("mqtt://broker:1884/", "broker", 1884, False),
        ("mqtts://broker", "broker", 8883, True),
        ("mqtt://[::1]:1883", "::1", 1883, False),
    ],
)
def test_an_address_is_read(url: str, host: str, port: int, tls: bool) -> None:
    broker = broker_of(url, {})
    assert (broker.host, broker.port, broker.tls is not None, broker.user) == (host, port, tls, None)


def test_the_password_comes_from_the_environment_a_file_or_the_url_and_is_never_shown(tmp_path: Path) -> None:
    (tmp_path / "pw").write_text("from-file\n")
    for url, environment, wanted in (
        ("mqtt://hw@b", {"HAZARDWATCH_MQTT_PASSWORD": "from-env"}, "from-env"),
        ("mqtt://hw@b", {"HAZARDWATCH_MQTT_PASSWORD_FILE": str(tmp_path / "pw")}, "from-file"),
        ("mqtt://hw:from%2Durl@b", {}, "from-url"),
    ):
        broker = broker_of(url, environment)
        assert (broker.user, broker.password) == ("hw", wanted)
        assert "from" not in f"{broker} {broker!r}"


@pytest.mark.parametrize(
    ("url", "environment"),
    [
        ("http://b", {}),
        ("broker:1883", {}),
        ("mqtt://", {}),
        ("mqtt://b:99999", {}),
        ("mqtt://b:x", {}),
        ("mqtt://b/path", {}),
        ("mqtt://b", {"HAZARDWATCH_MQTT_PASSWORD": "s3cret"}),
        ("mqtt://:s3cret@b", {}),
        ("mqtt://hw:s3cret@b:x", {}),
        ("mqtt://hw@b", {"HAZARDWATCH_MQTT_PASSWORD_FILE": "absent"}),
        ("mqtts://b", {"HAZARDWATCH_MQTT_CA": "absent"}),
        ("mqtts://b", {"HAZARDWATCH_MQTT_CERT": "absent", "HAZARDWATCH_MQTT_KEY": "absent"}),
        ("mqtts://b", {"HAZARDWATCH_MQTT_CERT": "alone"}),
        ("mqtt://b", {"HAZARDWATCH_MQTT_CA": "in-clear"}),
    ],
)
def test_what_cannot_be_is_said_plainly_without_the_password(url: str, environment: dict[str, str]) -> None:
    with pytest.raises(ConfigError) as caught:
        broker_of(url, environment)
    assert "s3cret" not in str(caught.value)


def test_the_authority_of_the_flag_counts_before_that_of_the_environment(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no-authority"):
        broker_of("mqtts://b", {"HAZARDWATCH_MQTT_CA": "other"}, TlsFiles(tmp_path / "no-authority"))
