"""Webhook and SMS: what goes over the wire, and what each answer means for the message."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import httpx
import pytest

from alerting.channels import CHANNELS
from alerting.channels.http import client_for
from alerting.channels.message import Message, Receipt
from alerting.channels.webhook import sign, signing_key
from alerting.telling import Kind
from pipeline.errors import ConfigError, Permanent, Transient
from pipeline.site import Channel, Person, Text
from tests.alarm_story import LEVEL, PEOPLE, event

HH = LEVEL.alarms[0]
MESSAGE = Message(
    id="e1",
    kind=Kind.EVENT,
    event=event(1, "raised", "UNACK", late=120),
    site="east-park",
    installation="TF1",
    person=PEOPLE[0],
    lines=Text(en="Tank 101 level high-high alarm", zh="101 罐液位 高高报警"),
    short="101 罐液位 高高报警",
    guidance=(HH.cause, HH.consequence, None),
    acknowledge="http://console.test/ack",
    attempt_ms=1_795_334_405_999,
)


def send(
    type_: str,
    answer: httpx.Response | Exception,
    message: Message = MESSAGE,
    *,
    secret: bytes | None = None,
    options: dict[str, str] | None = None,
    url: str | None = "http://provider.test/in?access_token=topsecret",
) -> tuple[httpx.Request | None, Receipt | Exception]:
    """The request as it went out, and what the channel made of the answer."""
    seen: list[httpx.Request] = []

    def provider(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def story() -> Receipt | Exception:
        channel = Channel(id="c", type=type_, url=url, options=options or {})
        async with client_for(channel, httpx.MockTransport(provider)) as client:
            try:
                return await CHANNELS[type_](channel, secret, client).send(message)
            except (Transient, Permanent) as error:
                return error

    result = asyncio.run(story())
    return (seen[0] if seen else None), result


def test_a_webhook_is_a_structured_cloud_event_with_the_event_as_everybody_sees_it() -> None:
    request, receipt = send("webhook", httpx.Response(204))
    assert receipt == Receipt()
    assert request is not None
    assert request.headers["content-type"] == "application/cloudevents+json; charset=utf-8"
    assert request.content.decode() == (
        '{"specversion":"1.0","id":"e1","source":"/east-park/TF1","type":"hazardwatch.alarm.raised",'
        '"subject":"TF1/LT-101/HH","time":"2026-11-22T07:59:59.880Z","datacontenttype":"application/json",'
        '"data":{"event_id":"e1","seq":1,"time":"2026-11-22T07:59:59.880Z","decided":"2026-11-22T08:00:00.000Z",'
        '"late_s":0.12,"alarm":"TF1/LT-101/HH","occurrence":"o1","event":"raised","from":"NORMAL","state":"UNACK",'
        '"priority":"critical","value":13.21,"setpoint":13.2,"unit":"m","actor":null,"note":null,"reason":null,'
        '"drill":null,"text":{"en":"Tank 101 level high-high alarm","zh-CN":"101 罐液位 高高报警"},'
        '"guidance":{"cause":{"en":"Overfill","zh-CN":"超量进料"},'
        '"consequence":{"en":"Loss of containment","zh-CN":"溢罐泄漏"},"action":null},'
        '"links":{"acknowledge":"http://console.test/ack"}}}'
    )


@pytest.mark.parametrize(
    ("secret", "message_id", "timestamp", "body", "signature"),
    [  # worked out with openssl dgst -sha256; the first two are the examples published with the standard
        (
            b"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "1614265330",
            b'{"test": 2432232314}',
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        ),
        (
            b"whsec_plJ3nmyCDGBKInavdOK15jsl",
            "msg_loFOjxBNrRLzqYUf",
            "1731705121",
            b'{"event_type":"ping","data":{"success":true}}',
            "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=",
        ),
        (b"plain secret", "e1", "1795334405", b"{}", "v1,TJidsSgBtBjb+yOZzpoTT9IoPrsePOSq+gN0pXrqR/8="),
    ],
)
def test_signatures_are_those_of_standard_webhooks(
    secret: bytes, message_id: str, timestamp: str, body: bytes, signature: str
) -> None:
    assert sign(signing_key(secret), message_id, timestamp, body) == signature


def test_a_webhook_with_a_secret_signs_exactly_the_bytes_it_sends() -> None:
    request, _ = send("webhook", httpx.Response(200), secret=b"plain secret")
    assert request is not None
    assert request.headers["webhook-id"] == "e1"
    assert request.headers["webhook-timestamp"] == "1795334405"
    assert request.headers["webhook-signature"] == sign(b"plain secret", "e1", "1795334405", request.content)


def test_a_webhook_without_a_secret_carries_no_signature() -> None:
    request, _ = send("webhook", httpx.Response(200))
    assert request is not None
    assert "webhook-signature" not in request.headers


@pytest.mark.parametrize("secret", ["whsec_not base64!", "whsec_密钥"])
def test_a_base64_secret_that_is_none_is_said_when_the_channel_is_made(secret: str) -> None:
    with pytest.raises(ConfigError, match="base64"):
        signing_key(secret.encode())


def test_an_sms_goes_to_the_persons_phone_with_the_providers_own_fields_beside_it() -> None:
    request, receipt = send(
        "sms_http", httpx.Response(201, json={"id": 77}), options={"sign": "东园", "to": "x"}, secret=b"s3cret"
    )
    assert request is not None
    assert json.loads(request.content) == {
        "sign": "东园",
        "to": "+8613800000001",
        "text": "101 罐液位 高高报警",
        "event_id": "e1",
        "message_id": "e1",
        "person": "li.wei",
    }
    assert request.headers["authorization"] == "Bearer s3cret"
    assert receipt == Receipt(provider_id="77")


@pytest.mark.parametrize("body", [b"", b"OK", b"[1]", b'{"status":"queued"}', b"\xff"])
def test_an_sms_provider_may_answer_anything_with_2xx(body: bytes) -> None:
    assert send("sms_http", httpx.Response(200, content=body))[1] == Receipt()


@pytest.mark.parametrize("type_", CHANNELS)
@pytest.mark.parametrize(
    ("answer", "fate", "words"),
    [
        (httpx.Response(429), Transient, "HTTP 429"),
        (httpx.Response(500, text="try\nlater"), Transient, "HTTP 500: try later"),
        (httpx.Response(503), Transient, "HTTP 503"),
        (httpx.Response(400, text="no such template"), Permanent, "HTTP 400: no such template"),
        (httpx.Response(401), Permanent, "HTTP 401"),
        (httpx.Response(408), Permanent, "HTTP 408"),
        (httpx.Response(302, headers={"location": "/login"}), Permanent, "HTTP 302"),
        (httpx.ConnectError("refused"), Transient, "no answer: ConnectError"),
        (httpx.ReadTimeout("slow"), Transient, "no answer: ReadTimeout"),
        (httpx.RemoteProtocolError("closed"), Transient, "no answer: RemoteProtocolError"),
    ],
)
def test_what_an_answer_means(
    type_: str, answer: httpx.Response | Exception, fate: type[Exception], words: str
) -> None:
    _, error = send(type_, answer)
    assert isinstance(error, fate)
    assert str(error) == words


@pytest.mark.parametrize("url", [None, "ftp://provider.test/", "provider.test/in", "http:///in"])
def test_a_channel_without_a_usable_address_fails_for_good(url: str | None) -> None:
    assert isinstance(send("webhook", httpx.Response(200), url=url)[1], Permanent)


@pytest.mark.parametrize("person", [None, Person(id="x", name="X", language="en")])
def test_an_sms_to_nobody_or_to_no_phone_fails_for_good(person: Person | None) -> None:
    message = replace(MESSAGE, person=person)
    assert isinstance(send("sms_http", httpx.Response(200), message)[1], Permanent)


@pytest.mark.parametrize(
    "answer",
    [
        lambda: httpx.Response(400, text="bad key s3cret"),
        lambda: httpx.ConnectError("http://x/?access_token=topsecret"),
    ],
)
def test_neither_secret_nor_token_gets_into_an_error(answer: Callable[[], httpx.Response | Exception]) -> None:
    _, error = send("sms_http", answer(), secret=b"s3cret")
    assert "s3cret" not in repr(error)
    assert "topsecret" not in repr(error)


def test_a_secret_no_header_can_carry_is_said_when_the_channel_is_made() -> None:
    channel = Channel(id="c", type="sms_http")
    with pytest.raises(ConfigError, match="header"):
        CHANNELS["sms_http"](channel, "密".encode(), client_for(channel))


@pytest.mark.parametrize("type_", CHANNELS)
def test_a_provider_that_never_comes_to_an_end_is_given_up(type_: str) -> None:
    async def for_ever() -> AsyncIterator[bytes]:
        while True:
            yield b" "
            await asyncio.sleep(0)

    async def story() -> None:
        channel = Channel(id="c", type=type_, url="http://provider.test/in", timeout_ms=20)
        transport = httpx.MockTransport(lambda _: httpx.Response(200, content=for_ever()))
        async with client_for(channel, transport) as client:
            with pytest.raises(Transient, match="no whole answer in time"):
                await CHANNELS[type_](channel, None, client).send(MESSAGE)

    asyncio.run(story())
