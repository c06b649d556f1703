"""How Kafka is reached: every fault at once, and no password in any text."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import ConfigError
from pipeline.kafka_access import MECHANISM, PASSWORD, PASSWORD_FILE, USER, KafkaAccess, TlsFiles, kafka_of
from tests.certificates import authority, certificate


def test_addresses_alone_are_plain_text() -> None:
    made = kafka_of("a:1, [::1]:2", {})
    assert made.settings() == {"bootstrap_servers": ["a:1", "[::1]:2"]}
    assert str(made) == "a:1,[::1]:2"


def test_a_user_is_always_sasl_over_tls_and_the_password_is_not_printed(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("s3cret\n")
    made = kafka_of("a:1", {USER: "u", PASSWORD_FILE: str(file), MECHANISM: "SCRAM-SHA-256"})
    settings = made.settings()
    assert (settings["security_protocol"], settings["sasl_mechanism"]) == ("SASL_SSL", "SCRAM-SHA-256")
    assert (settings["sasl_plain_username"], settings["sasl_plain_password"]) == ("u", "s3cret")
    assert settings["ssl_context"].check_hostname
    assert "s3cret" not in f"{made} {made!r}"


def test_an_authority_or_a_certificate_is_tls(tmp_path: Path) -> None:
    trusted = authority(tmp_path)
    chain, key = certificate(tmp_path, "client")
    made = kafka_of("a:1", {}, TlsFiles(trusted, chain, key))
    assert made.settings()["security_protocol"] == "SSL"
    assert made.tls is not None


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    files = TlsFiles(tmp_path / "absent", tmp_path / "absent")
    with pytest.raises(ConfigError) as caught:
        kafka_of("a,b:0,:1,", {PASSWORD: "s3cret", MECHANISM: "PLAIN"}, files)
    told = str(caught.value)
    starts = ["--kafka: 'a'", "--kafka: 'b:0'", "--kafka: ':1'", "--kafka: ''", MECHANISM, "there is a Kafka password"]
    starts += ["--kafka-ca", "--kafka-cert and --kafka-key belong together"]
    assert [line.startswith(start) for line, start in zip(told.splitlines(), starts, strict=True)] == [True] * 8
    assert "s3cret" not in told


@pytest.mark.parametrize("environment", [{USER: "u"}, {USER: "u", PASSWORD_FILE: "/absent/file"}])
def test_a_user_without_a_password_is_refused(environment: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match=r"PASSWORD"):
        kafka_of("a:1", environment)


def test_an_access_made_by_hand_prints_no_password() -> None:
    assert "s3cret" not in repr(KafkaAccess(("a:1",), "u", "s3cret"))
