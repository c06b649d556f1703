"""A channel while the program runs: pauses, outages, and what is said of them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from alerting.lane import DOWN_AFTER, Health, Lane, read_secret
from pipeline.errors import Permanent
from pipeline.site import Channel
from tests.unit.test_channels import MESSAGE

SMS = Channel(id="sms", type="sms_http", url="http://sms.test")


def test_a_channel_that_works_again_after_an_outage_ends_every_pause() -> None:
    async def story() -> None:
        lane, wakes = Lane(SMS, Health(), None), [asyncio.Event(), asyncio.Event()]
        for _ in range(DOWN_AFTER):
            lane.failed("away", 0, for_good=False)
        pauses = [asyncio.create_task(lane.pause(3600, wake)) for wake in wakes]
        await asyncio.sleep(0)
        lane.worked()
        await asyncio.wait_for(asyncio.gather(*pauses), 5)
        await lane.close()

    asyncio.run(story())


def test_one_bad_message_among_good_ones_does_not_end_pauses() -> None:
    async def story() -> None:
        lane, wake = Lane(SMS, Health(), None), asyncio.Event()
        pause = asyncio.create_task(lane.pause(3600, wake))
        for _ in range(9):
            lane.failed("bad message", 0, for_good=False)
            lane.worked()
        await asyncio.sleep(0)
        assert not pause.done()
        wake.set()
        await asyncio.wait_for(pause, 5)
        await lane.close()

    asyncio.run(story())


def test_a_pause_ends_by_itself() -> None:
    async def story() -> None:
        lane = Lane(SMS, Health(), None)
        await lane.pause(0, asyncio.Event())
        await lane.close()

    asyncio.run(story())


def test_a_channel_counts_as_failing_after_some_failures_in_a_row_or_one_for_good() -> None:
    async def story() -> None:
        health = Health()
        lane = Lane(SMS, health, None)
        for _ in range(DOWN_AFTER - 1):
            lane.failed("away", 0, for_good=False)
        assert health.failing(0) == {}
        lane.failed("away", 0, for_good=False)
        assert health.failing(120_000) == {"sms": "away"}
        lane.worked()
        assert health.failing(120_000) == {}
        lane.failed("HTTP 400", 130_000, for_good=True)
        assert health.failing(300_000) == {"sms": "HTTP 400"}
        await lane.close()

    asyncio.run(story())


def test_a_failure_stays_visible_for_a_minute_and_then_goes_without_a_further_message() -> None:
    health = Health()
    health.failed("sms", "HTTP 400", 0)
    health.worked("sms")
    assert health.failing(59_999) == {"sms": "HTTP 400"}
    assert health.failing(60_000) == {}


def test_a_failure_after_a_success_begins_anew() -> None:
    health = Health()
    health.failed("sms", "HTTP 400", 0)
    health.worked("sms")
    health.failed("sms", "HTTP 404", 50_000)
    assert health.failing(200_000) == {"sms": "HTTP 404"}


def test_a_channel_type_of_a_later_version_is_warned_of_and_not_sent_by() -> None:
    async def story() -> None:
        with capture_logs() as logs:
            lane = Lane(Channel(id="d", type="dingtalk", url="http://x/?access_token=topsecret"), Health(), None)
        assert lane.unbuilt == "channel type 'dingtalk' is not sent in this version"
        assert "topsecret" not in str(logs)
        await lane.close()

    asyncio.run(story())


def test_a_channel_whose_secret_is_unusable_fails_each_message_for_good(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BAD_SECRET", "whsec_!")

    async def story() -> None:
        lane = Lane(Channel(id="w", type="webhook", url="http://x", secret_env="BAD_SECRET"), Health(), None)
        with pytest.raises(Permanent, match="base64"):
            await lane.send(MESSAGE)
        await lane.close()

    asyncio.run(story())


def test_secrets_come_from_a_file_or_the_environment_without_the_line_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "secret"
    file.write_text("from file\n")
    monkeypatch.setenv("SECRET_OF_TEST", "from env")
    assert read_secret(Channel(id="a", type="webhook", secret_file=str(file))) == b"from file"
    assert read_secret(Channel(id="a", type="webhook", secret_env="SECRET_OF_TEST")) == b"from env"
    assert read_secret(Channel(id="a", type="webhook")) is None


@pytest.mark.parametrize(
    "channel",
    [
        Channel(id="a", type="webhook", secret_env="HAZARDWATCH_NO_SUCH_VARIABLE"),
        Channel(id="a", type="webhook", secret_file="/no/such/file"),
        Channel(id="a", type="webhook", secret_file="/"),
        Channel(id="a", type="webhook", secret_file="/proc/self/mem"),  # a file, but reading it is an error
    ],
)
def test_a_secret_that_is_not_there_is_said(channel: Channel) -> None:
    with capture_logs() as logs:
        assert read_secret(channel) is None
    assert [one["log_level"] for one in logs] == ["warning"]
