"""The receiver stands in for a provider in tests and in the demo: it must be as strict as a real one."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import time

import httpx
import pytest

from simulators.receiver import Answer, Message, Receiver, shown

SMS = {"to": "+8613800000001", "text": "高高报警", "event_id": "e1", "message_id": "m1"}
HOOK = {"id": "e1", "data": {"text": {"en": "high-high alarm", "zh-CN": "高高报警"}}}


def signed(body: bytes, secret: bytes, at: float, message_id: str = "m1") -> dict[str, str]:
    timestamp = str(int(at))
    digest = hmac.new(secret, b".".join([message_id.encode(), timestamp.encode(), body]), hashlib.sha256).digest()
    signature = "v1,AAAA v1," + base64.b64encode(digest).decode()
    return {"webhook-id": message_id, "webhook-timestamp": timestamp, "webhook-signature": signature}


def post(receiver_secret: str | None, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, list[Message]]:
    async def story() -> tuple[int, list[Message]]:
        async with Receiver(secret=receiver_secret) as receiver, httpx.AsyncClient(trust_env=False) as client:
            answer = await client.post(receiver.url(path), content=body, headers=headers)
            return answer.status_code, receiver.messages

    return asyncio.run(story())


def test_an_sms_is_kept_as_its_reader_sees_it() -> None:
    status, messages = post(None, "/sms", json.dumps(SMS).encode(), {})
    assert status == 200
    assert [(one.kind, one.to, one.text, one.event_id, one.message_id) for one in messages] == [
        ("sms", "+8613800000001", "高高报警", "e1", "m1")
    ]
    assert shown(messages[0]) == "+8613800000001  <sms>\n  高高报警"


def test_a_rightly_signed_webhook_is_taken_whatever_other_signatures_stand_beside() -> None:
    body = json.dumps(HOOK).encode()
    status, messages = post("plain", "/hook", body, signed(body, b"plain", time.time()))
    assert (status, [one.text for one in messages]) == (200, ["high-high alarm"])


@pytest.mark.parametrize("wrong", ["key", "body", "time", "id", "none"])
def test_a_wrongly_signed_webhook_gets_401_and_is_not_kept(wrong: str) -> None:
    body = json.dumps(HOOK).encode()
    headers = signed(
        body + b" " if wrong == "body" else body,
        b"other" if wrong == "key" else b"plain",
        time.time() - 3600 if wrong == "time" else time.time(),
    )
    if wrong == "id":
        headers["webhook-id"] = "m2"
    if wrong == "none":
        del headers["webhook-signature"]
    assert post("plain", "/hook", body, headers) == (401, [])


@pytest.mark.parametrize(
    ("path", "body"),
    [("/sms", b"no json"), ("/sms", b"[]"), ("/sms", b'{"to":"1"}'), ("/hook", b'{"id":"e1"}'), ("/else", b"{}")],
)
def test_what_no_provider_would_take_gets_400(path: str, body: bytes) -> None:
    assert post(None, path, body, {}) == (400, [])


def test_it_answers_as_it_is_told_and_keeps_nothing_then() -> None:
    async def story() -> None:
        came: list[Message] = []
        async with Receiver(on_message=came.append) as receiver, httpx.AsyncClient(trust_env=False) as client:
            receiver.answers["/sms"] = Answer(503)
            assert (await client.post(receiver.url("/sms"), json=SMS)).status_code == 503
            receiver.answers["/sms"] = Answer(after_s=30)
            with pytest.raises(httpx.ReadTimeout):
                await client.post(receiver.url("/sms"), json=SMS, timeout=0.05)
            assert came == []
            receiver.answers.clear()
            assert (await client.post(receiver.url("/sms"), json=SMS)).json() == {"id": "r-1"}
            assert came == receiver.messages
            assert receiver.asked == {"/sms": 3}

    asyncio.run(story())


@pytest.mark.parametrize(
    "rubbish", [b"GET / HTTP/1.1\r\n\r\n", b"\r\n\r\n", b"POST /sms HTTP/1.1\r\ncontent-length: x\r\n\r\n"]
)
def test_rubbish_ends_its_connection_and_harms_no_other(rubbish: bytes) -> None:
    async def story() -> None:
        async with Receiver() as receiver, httpx.AsyncClient(trust_env=False) as client:
            reader, writer = await asyncio.open_connection("127.0.0.1", receiver.port)
            writer.write(rubbish)
            assert await asyncio.wait_for(reader.read(), 10) == b""
            writer.close()
            await writer.wait_closed()
            assert (await client.post(receiver.url("/sms"), json=SMS)).status_code == 200

    asyncio.run(story())
