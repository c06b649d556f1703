"""paho driven by the event loop: connecting, reading or not, keep-alive, hanging up. Knows no topics and no log.

Only connecting, which blocks, has a thread.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from typing import Any

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from ingest.broker import Broker, plain_words
from ingest.paho_frames import MOST_PACKET, FrameClient
from pipeline.clock import monotonic_s
from pipeline.errors import Transient

KEEP_ALIVE_S = 30
IN_FLIGHT = 20_000
"""Messages the broker may have sent that the log does not have yet (MQTT 5 Receive Maximum)."""
SESSION_S = 7 * 24 * 3600
"""How long the broker is asked to keep for us what we missed."""


class PahoLoop:
    """One client, one connection at a time. `on_down` hears its end."""

    def __init__(self, client: FrameClient, broker: Broker, on_down: Callable[[], None]) -> None:
        self.client = client
        self.down = asyncio.Event()
        """Set while there is no connection."""
        self.reason: int | None = None
        """Why the broker ended the last connection, if it said so (MQTT 5)."""
        self.ran_s = math.inf
        """When this process last ran for sure (monotonic)."""
        self._broker = broker
        self._on_down = on_down
        self._up: asyncio.Future[ReasonCode] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._on_readable: Callable[[], object] = client.loop_read
        self._reading = False
        if broker.user is not None:
            client.username_pw_set(broker.user, broker.password)
        if broker.tls is not None:
            client.tls_set_context(broker.tls)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_socket_close = self._on_socket_close

    async def connect(self, on_readable: Callable[[], object]) -> None:
        """Returns once the broker has let us in; from then on `on_readable` is called whenever bytes are there.

        Raises Transient.
        """
        self._loop = asyncio.get_running_loop()
        client = self.client
        client.forget()
        client.on_socket_register_write = client.on_socket_unregister_write = None
        self._on_readable = on_readable
        self._up = self._loop.create_future()
        self.down.clear()
        self.reason = None
        self.ran_s = math.inf
        try:
            await self._in_thread()
            self._drive(self._loop)
            async with asyncio.timeout(KEEP_ALIVE_S):
                reason = await self._up
        except (OSError, ValueError) as error:  # paho raises ValueError for what TLS refuses
            self.hang_up()
            raise Transient(f"no connection to {self._broker}: {plain_words(error)}") from error
        if reason.is_failure:
            raise Transient(f"{self._broker} does not let us in: {reason}")

    async def stay(self) -> None:
        """While connected: paho's once-a-second work (keep-alive)."""
        pinged_s = monotonic_s()
        while not self.down.is_set():
            self.ran_s = monotonic_s()
            if self._reading:
                self.client.loop_misc()
            elif self.ran_s - pinged_s > KEEP_ALIVE_S / 2:
                # paho would miss the answers, which are not read now, and hang up.
                pinged_s = self.ran_s
                self.client.ping()
            try:
                async with asyncio.timeout(1):
                    await self.down.wait()
            except TimeoutError:
                continue

    def hold(self) -> None:
        """Read nothing until `release`; the broker queues what comes."""
        sock = self.client.socket()
        self._reading = False
        if sock is not None and self._loop is not None:
            self._loop.remove_reader(sock)

    def release(self) -> None:
        """Read on."""
        sock = self.client.socket()
        if sock is not None and self._loop is not None:
            self._reading = True
            self._loop.add_reader(sock, self._on_readable)
            self._on_readable()  # TLS may hold what the socket does not show

    def hang_up(self) -> None:
        """Say goodbye here and now: nobody drives the socket afterwards."""
        if self.client.disconnect() == MQTTErrorCode.MQTT_ERR_SUCCESS:
            self.client.loop_write()

    # inside

    async def _in_thread(self) -> None:
        wants = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho leaves it untyped
        wants.SessionExpiryInterval = SESSION_S
        wants.ReceiveMaximum = IN_FLIGHT
        wants.MaximumPacketSize = MOST_PACKET  # the broker drops a larger one; refused here it would come for ever
        host, port = self._broker.host, self._broker.port
        connecting = asyncio.create_task(
            asyncio.to_thread(self.client.connect, host, port, KEEP_ALIVE_S, clean_start=False, properties=wants)
        )
        try:
            await asyncio.shield(connecting)
        except asyncio.CancelledError:
            # Left alone it would take the session from whoever has it next, and nobody would read.
            await asyncio.wait({connecting})
            raise

    def _drive(self, loop: asyncio.AbstractEventLoop) -> None:
        """From here on paho's socket belongs to the event loop."""
        client = self.client
        sock = client.socket()
        if sock is None:
            doubt = ": it may refuse our certificate, or want one" if self._broker.tls else ""
            raise ConnectionError(f"the connection was closed at once{doubt}")
        client.on_socket_register_write = lambda _client, _data, its: loop.add_writer(its, client.loop_write)
        client.on_socket_unregister_write = self._on_written
        self._reading = True
        loop.add_reader(sock, self._on_readable)
        if client.want_write():
            loop.add_writer(sock, client.loop_write)

    # paho tells

    def _on_connect(self, _client: Client, _data: Any, _flags: ConnectFlags, reason: ReasonCode, _props: Any) -> None:
        if self._up is not None and not self._up.done():
            self._up.set_result(reason)

    def _on_disconnect(
        self, _client: Client, _data: Any, flags: DisconnectFlags, reason: ReasonCode, _props: Any
    ) -> None:
        if flags.is_disconnect_packet_from_server:
            self.reason = reason.value
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
        self.down.set()
        self._on_down()
        if self._up is not None and not self._up.done():
            why = self.client.failure or ConnectionError("the connection was lost before it was accepted")
            self._up.set_exception(why)
