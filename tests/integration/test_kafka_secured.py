"""Kafka over TLS with a user, as the shipped configuration asks for: let in, or told in plain words why not."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pytest
from typer.testing import CliRunner

from hazardwatch.cli import app
from pipeline.errors import ConfigError
from pipeline.kafka_access import PASSWORD, USER, KafkaAccess, TlsFiles, kafka_of
from pipeline.kafka_log import KafkaLog
from pipeline.log import PLANT, Snapshot
from tests.certificates import authority
from tests.integration.test_log_contract import drain
from tests.secured import PREFIX, Secured
from tests.services import ROOT

pytestmark = pytest.mark.services
SITE = f"{PREFIX}-site"


def access(at: Secured, other: Mapping[str, str] = MappingProxyType({}), trusted: Path | None = None) -> KafkaAccess:
    environment = {USER: at.user, PASSWORD: at.password, **other}
    return kafka_of(at.address, environment, TlsFiles(trusted or at.authority))


def refusal(way: KafkaAccess, site: str) -> str:
    async def scene() -> None:
        async with KafkaLog.open(way, site):
            pass

    with pytest.raises(ConfigError) as caught:
        asyncio.run(scene())
    return str(caught.value)


def test_a_user_with_the_right_password_appends_reads_and_shares(kafka_secured: Secured) -> None:
    async def scene() -> None:
        async with KafkaLog.open(access(kafka_secured), SITE) as log:
            await log.append(PLANT, [("TF1", b"1")])
            assert [entry.data for entry in await drain(log.reader(PLANT, {}), 1)] == [b"1"]
            await log.save_snapshot("engine", "TF1", Snapshot(1, b"state"))
            assert await log.load_snapshot("engine", "TF1") == Snapshot(1, b"state")
            async with log.share("engine", []) as share:
                assert await share.owned() == {"TF1"}

    asyncio.run(scene())


def test_a_wrong_password_is_said_and_not_quoted(kafka_secured: Secured) -> None:
    told = refusal(access(kafka_secured, {PASSWORD: "gu3ss"}), SITE)
    assert "the user or password is wrong" in told
    assert "gu3ss" not in told


def test_a_broker_that_our_authority_did_not_sign_is_refused(kafka_secured: Secured, tmp_path: Path) -> None:
    assert "no TLS with the broker" in refusal(access(kafka_secured, trusted=authority(tmp_path)), SITE)


@pytest.mark.parametrize(
    ("user", "site"), [("stranger", SITE), ("hazardwatch", "another-site")], ids=["a stranger", "another site"]
)
def test_who_has_no_right_to_the_topics_is_told_which(kafka_secured: Secured, user: str, site: str) -> None:
    own = {} if user == kafka_secured.user else {USER: user, PASSWORD: "stranger-only-for-a-test"}
    assert f"the user may not read or write topic {site}." in refusal(access(kafka_secured, own), site)


def test_the_verb_says_what_is_missing_makes_it_and_finds_it_fine(kafka: str, tmp_path: Path) -> None:
    site = tmp_path / "site.yaml"
    id_ = f"verb-{secrets.token_hex(4)}"
    site.write_text((ROOT / "tests/sites/small.yaml").read_text().replace("id: park", f"id: {id_}", 1))
    assert id_ in site.read_text()

    def run(*more: str) -> tuple[int, str]:
        told = CliRunner().invoke(app, ["topics", str(site), *more], env={"HAZARDWATCH_KAFKA": kafka})
        return told.exit_code, told.output

    code, told = run()
    assert code == 1
    assert told.count("missing; make it with --create") == 5
    assert f"kafka-topics.sh --create --topic {id_}.plant" in told
    code, told = run("--create", "--partitions", "4")
    assert (code, told.count(": fine, ")) == (0, 5)
    assert f"{id_}.plant: fine, 4 partitions, 1 copy" in told
    code, told = run("--partitions", "8")
    assert code == 1
    assert "it has 4 partitions, not 8" in told
    code, told = run("--json")
    assert code == 0
    assert '"missing": []' in told
