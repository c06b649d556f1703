"""What `run` was asked for: defaults, and every wrong flag at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from hazardwatch.options import ROLES, Address, Flags, options
from pipeline.errors import ConfigError

SITE = Path("site.yaml")


def test_without_flags_it_listens_on_loopback_with_all_roles() -> None:
    made = options(Flags(site=SITE))
    assert str(made.listen) == "127.0.0.1:1883"
    assert made.http.loopback
    assert (made.mqtt, made.dsn) == (None, None)
    assert made.roles == frozenset(ROLES)
    assert made.warnings() == ()
    assert made.log_folder == Path("hazardwatch-data/log")


def test_with_a_broker_only_nothing_listens_and_both_may_be_given() -> None:
    assert options(Flags(site=SITE, mqtt="mqtt://broker")).listen is None
    both = options(Flags(site=SITE, mqtt="mqtts://u:p@broker:8883", listen="[::1]:0"))
    assert both.listen == Address("::1", 0)
    assert str(both.listen) == "[::1]:0"


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    wrong = Flags(
        site=SITE,
        kafka="k:9092,k",
        kafka_ca=tmp_path / "absent.pem",
        mqtt="http://broker",
        listen="1883",
        http="host:99999",
        roles="enigne,api",
        tls_cert=tmp_path / "absent.pem",
        passwords=tmp_path,
    )
    with pytest.raises(ConfigError) as caught:
        options(wrong)
    told = str(caught.value).splitlines()
    starts = [
        "--kafka: 'k' is no HOST:PORT",
        "--kafka-ca",
        "--mqtt",
        "--tls-cert and --tls-key",
        "--tls-cert:",
        "--passwords:",
        "--listen",
        "--http",
        "--role",
    ]
    assert [line.startswith(start) for line, start in zip(told, starts, strict=True)] == [True] * 9
    assert told[-1].endswith("(did you mean engine?)")


@pytest.mark.parametrize("url", ["broker:1883", "mqtt://", "mqtt://broker:port", "mqtt://broker:0", "ws://broker"])
def test_what_is_no_brokers_url_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="--mqtt: expected a broker's URL"):
        options(Flags(site=SITE, mqtt=url))


@pytest.mark.parametrize("text", ["", "host", "host:", ":1883", "host:x", "host:-1", "host:65536", "host:１"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="HOST:PORT"):
        Address.parse(text)


def test_an_empty_list_of_roles_is_refused() -> None:
    with pytest.raises(ConfigError, match="at least one"):
        options(Flags(site=SITE, roles=","))


def test_open_doors_are_warned_of() -> None:
    told = "\n".join(options(Flags(site=SITE, listen="0.0.0.0:1883", http="0.0.0.0:8787")).warnings())
    assert "anybody who reaches 0.0.0.0:1883 can publish" in told
    assert "tokens reach 0.0.0.0:8787 in clear" in told


def test_passwords_are_not_shown() -> None:
    made = options(Flags(site=SITE, mqtt="mqtt://user:geheim@broker", dsn="postgresql://u:geheim@h/db"))
    assert "geheim" not in repr(made)
