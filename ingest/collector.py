"""A client of somebody else's broker: takes in what the site's installations publish there. Reads no payload.

PUBACK goes to the broker when the log has the readings; what it has not, the broker's persistent session sends
again. All of paho runs in the event loop; only connecting, which blocks, has a thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import structlog
from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from ingest.broker import Broker
from ingest.intake import Intake, Publish
from ingest.paho_frames import MOST_PACKET, FrameClient
from ingest.routes import NATIVE
from pipeline.errors import Transient
from pipeline.metrics import Hop
from pipeline.model import RETAINED, SYSTEM
from pipeline.retry import Pace, until_done
from pipeline.site import Site

_PACE = Pace(first_s=0.1, most_s=5.0)
KEEP_ALIVE_S = 30
IN_FLIGHT = 20_000
"""Messages the broker may have sent that the log does not have yet (MQTT 5 Receive Maximum)."""
SESSION_S = 7 * 24 * 3600
"""How long the broker is asked to keep for us what we missed."""
_FILTERS_AT_ONCE = 100
_log = structlog.get_logger(__name__)


def filters_of(site: Site) -> list[str]:
    """The topic filters of the site: its installations' and its mapped sources', each once."""
    found = [source.topic for source in site.sources]
    for installation in site.installations:
        if installation.id != SYSTEM:
            found += [NATIVE + installation.id, f"{NATIVE}{installation.id}/+"]
    return list(dict.fromkeys(found))


class _Link:
    """The door of one connection: what it acknowledges never reaches the next one, which counts anew."""

    def __init__(self, client: FrameClient, hop: Hop) -> None:
        self.hop = hop
        self.client: FrameClient | None = client

    def committed(self, receipts: list[bytes]) -> None:
        """PUBACK, in order."""
        if self.client is not None:
            self.client.puback(b"".join(receipts))


class Collector:
    """One broker, one persistent session. `client_id` names it there and must stay the same over restarts."""

    def __init__(self, intake: Intake, site: Site, broker: Broker, client_id: str) -> None:
        self.hop = Hop("collector")
        self._intake = intake
        self._broker = broker
        self._filters = filters_of(site)
        self._client = self._made(client_id)
        self._link: _Link | None = None
        self._up: asyncio.Future[ReasonCode] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._down = asyncio.Event()
        self._waiting_for_room = False
        self.subscribed = asyncio.Event()
        """Set while the broker has accepted all our subscriptions."""
        self._unanswered: dict[int, Sequence[str]] = {}

    def _made(self, client_id: str) -> FrameClient:
        client = FrameClient(self._on_run, lambda: self._intake.known, client_id=client_id)
        if self._broker.user is not None:
            client.username_pw_set(self._broker.user, self._broker.password)
        if self._broker.tls is not None:
            client.tls_set_context(self._broker.tls)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        client.on_subscribe = self._on_subscribe
        client.on_socket_close = self._on_socket_close
        return client

    async def run(self) -> None:
        """Connect, take in, and connect again when the broker is lost; until cancelled."""
        self._loop = asyncio.get_running_loop()
        try:
            while True:
                await until_done(f"broker {self._broker}", self._connect, pace=_PACE)
                self._subscribe(self._filters)
                await self._stay()
                await asyncio.sleep(1)  # a broker that lets us in and throws us out is not asked at once again
        finally:
            self._hang_up()

    def trouble(self) -> str | None:
        """Why the site's readings do not come from the broker now; None while they do."""
        if self.subscribed.is_set():
            return None
        if self._client.is_connected():
            return f"{self._broker} has not accepted every subscription"
        return f"no connection to {self._broker}"

    def use(self, site: Site) -> None:
        """From now on the filters are this site's."""
        before, self._filters = self._filters, filters_of(site)
        gone = [one for one in before if one not in self._filters]
        if self._client.is_connected():
            self._subscribe([one for one in self._filters if one not in before])
            if gone:
                self._client.unsubscribe(gone)

    # connecting

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        client = self._client
        client.forget()
        client.on_socket_register_write = client.on_socket_unregister_write = None
        self._up = loop.create_future()
        self._down.clear()
        wants = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho leaves it untyped
        wants.SessionExpiryInterval = SESSION_S
        wants.ReceiveMaximum = IN_FLIGHT
        wants.MaximumPacketSize = MOST_PACKET  # the broker drops a larger one; refused here it would come for ever
        try:
            await asyncio.to_thread(
                client.connect, self._broker.host, self._broker.port, KEEP_ALIVE_S, clean_start=False, properties=wants
            )
            self._drive(loop)
            async with asyncio.timeout(KEEP_ALIVE_S):
                reason = await self._up
        except (OSError, ValueError) as error:  # paho raises ValueError for what TLS refuses
            self._hang_up()
            raise Transient(f"no connection to {self._broker}: {error}") from error
        if reason.is_failure:
            raise Transient(f"{self._broker} does not let us in: {reason}")
        _log.info("connected to the broker", broker=str(self._broker))

    def _hang_up(self) -> None:
        """Say goodbye here and now: nobody drives the socket afterwards."""
        if self._client.disconnect() == MQTTErrorCode.MQTT_ERR_SUCCESS:
            self._client.loop_write()

    def _drive(self, loop: asyncio.AbstractEventLoop) -> None:
        """From here on paho's socket belongs to the event loop."""
        client = self._client
        sock = client.socket()
        if sock is None:
            raise ConnectionError("the connection was closed at once")
        self._link = _Link(client, self.hop)
        client.on_socket_register_write = lambda _client, _data, its: loop.add_writer(its, client.loop_write)
        client.on_socket_unregister_write = self._on_written
        loop.add_reader(sock, self._readable)
        if client.want_write():
            loop.add_writer(sock, client.loop_write)

    async def _stay(self) -> None:
        """While connected: paho's once-a-second work (keep-alive)."""
        while not self._down.is_set():
            self._client.loop_misc()
            try:
                async with asyncio.timeout(1):
                    await self._down.wait()
            except TimeoutError:
                continue

    def _subscribe(self, filters: Sequence[str]) -> None:
        # Retained copies come once, with a new subscription, not at every reconnection.
        options = SubscribeOptions(qos=1, retainHandling=SubscribeOptions.RETAIN_SEND_IF_NEW_SUB)
        for at in range(0, len(filters), _FILTERS_AT_ONCE):
            some = filters[at : at + _FILTERS_AT_ONCE]
            code, identifier = self._client.subscribe([(one, options) for one in some])
            if code == MQTTErrorCode.MQTT_ERR_SUCCESS and identifier is not None:
                self._unanswered[identifier] = some

    # reading

    def _readable(self) -> None:
        self._client.loop_read()
        sock = self._client.socket()
        if self._intake.full and sock is not None:
            asyncio.get_running_loop().remove_reader(sock)
            if not self._waiting_for_room:  # else it waits already, for a connection that was lost meanwhile
                self._waiting_for_room = True
                self._intake.when_room(self._read_on)

    def _read_on(self) -> None:
        self._waiting_for_room = False
        sock = self._client.socket()
        if sock is not None:
            asyncio.get_running_loop().add_reader(sock, self._readable)
            self._readable()  # TLS may hold what the socket does not show

    def _on_run(self, head: int, messages: list[Publish], identifiers: list[bytes]) -> None:
        receipt = b"\x40\x02" + b"\x40\x02".join(identifiers) if identifiers else b""
        assert self._link is not None
        self._intake.take(messages, self._link, receipt, RETAINED if head & 1 else 0)

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        """A PUBLISH out of the ordinary, read by paho: MQTT 5 properties, QoS 2."""
        identifier = message.mid.to_bytes(2, "big")
        receipt = b"" if message.qos == 0 else (b"\x40\x02" if message.qos == 1 else b"\x70\x02") + identifier
        assert self._link is not None
        flags = RETAINED if message.retain else 0
        self._intake.take([(message.topic.encode(), bytes(message.payload))], self._link, receipt, flags)

    # paho tells

    def _on_connect(self, _client: Client, _data: Any, _flags: ConnectFlags, reason: ReasonCode, _props: Any) -> None:
        if self._up is not None and not self._up.done():
            self._up.set_result(reason)

    def _on_disconnect(
        self, _client: Client, _data: Any, _flags: DisconnectFlags, reason: ReasonCode, _props: Any
    ) -> None:
        _log.warning("the broker is lost", broker=str(self._broker), reason=str(reason))
        self._lost()

    def _on_socket_close(self, _client: Client, _data: Any, sock: Any) -> None:
        assert self._loop is not None
        self._loop.remove_reader(sock)
        self._loop.remove_writer(sock)
        self._lost()

    def _on_written(self, _client: Client, _data: Any, sock: Any) -> None:
        assert self._loop is not None
        self._loop.remove_writer(sock)

    def _lost(self) -> None:
        if self._link is not None:
            self._link.client = None
        self._unanswered.clear()
        self.subscribed.clear()
        self._down.set()
        if self._up is not None and not self._up.done():
            self._up.set_exception(ConnectionError("the connection was lost before it was accepted"))

    def _on_subscribe(
        self, _client: Client, _data: Any, identifier: int, reasons: list[ReasonCode], _props: Any
    ) -> None:
        filters = self._unanswered.pop(identifier, ())
        refused = [one for one, reason in zip(filters, reasons, strict=False) if reason.is_failure]
        if refused:
            _log.error("the broker refuses subscriptions: no readings come from there", filters=refused)
        elif not self._unanswered:
            self.subscribed.set()
