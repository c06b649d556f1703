"""The publish-only MQTT endpoint: who may come in, who is thrown out, who was lost. Reads no payload.

It is no broker: nothing is forwarded, kept or subscribed to. PUBACK means that the log has the reading on disk.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections import Counter
from collections.abc import Callable, Coroutine

import prometheus_client

from ingest.connection import Connection
from ingest.entrance import Entrance, common_name, tls_context, why_no_tls
from ingest.guests import ClientLost, Guests
from ingest.house import Stage
from ingest.intake import Intake
from ingest.packets import Connect
from ingest.properties import Code
from ingest.sessions import Sessions
from ingest.wills import Wills
from pipeline.clock import monotonic_s
from pipeline.errors import ConfigError
from pipeline.metrics import Hop

__all__ = ["Entrance", "Listener", "serve", "tls_context"]

CLOSED = prometheus_client.Counter("hazardwatch_listener_closed", "Client connections closed, by reason", ["reason"])
CONNECTED = prometheus_client.Gauge("hazardwatch_listener_connections", "Client connections open now")


def _nobody_asks(_client_id: str, _will_topic: str | None) -> None: ...


async def serve(
    intake: Intake,
    entrance: Entrance,
    sessions: Sessions,
    *,
    client_lost: ClientLost = _nobody_asks,
    ready: Callable[[int], None] | None = None,
) -> None:
    """Listen until cancelled, and close `sessions`; `ready` hears the port.

    Raises ConfigError when the address cannot be had.
    """
    listener = Listener(intake, entrance, sessions, client_lost)
    try:
        port = await listener.start()
        if ready is not None:
            ready(port)
        await listener.sweep()
    finally:
        await listener.close()


class Listener:
    """All connections of one address. One task's property; nothing here is thread-safe."""

    def __init__(
        self, intake: Intake, entrance: Entrance, sessions: Sessions, client_lost: ClientLost = _nobody_asks
    ) -> None:
        self.intake = intake
        self.limits = entrance.limits
        self.hop = Hop("listener")
        self.closed: Counter[str] = Counter()
        self._entrance = entrance
        self._connections: set[Connection] = set()
        self._wills = Wills(self.intake, self.hop, entrance.limits.connections)
        self._guests = Guests(entrance, sessions, self._wills, client_lost, self._count)
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._parting: asyncio.Task[None] | None = None
        self._crowded = False
        self._empty = asyncio.Event()

    async def start(self) -> int:
        """Open the door; returns the port (asked for as 0: the one that was free)."""
        loop = asyncio.get_running_loop()
        host, port = self._entrance.host, self._entrance.port
        try:
            self._server = await loop.create_server(lambda: Connection(self), host, port, backlog=512)
        except OSError as error:
            why = str(error.strerror or error).rpartition(": ")[2]  # asyncio says the address before it, once more
            raise ConfigError(f"MQTT cannot listen at {host}:{port}: {why}; choose another with --listen") from error
        found: int = self._server.sockets[0].getsockname()[1]
        return found

    async def close(self) -> None:
        """Tell the clients, let nobody in. What is not in the log stays unacknowledged and will be sent again."""
        if self._server is not None:
            self._server.close()
        for connection in list(self._connections):
            connection.graceful = True  # it is we who go
            connection.end("shutting_down", Code.SHUTTING_DOWN)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for wait_s in (1.0, None):  # the last words are sent, or not read in time
            self._empty.clear()
            if self._connections:
                try:
                    async with asyncio.timeout(wait_s):
                        await self._empty.wait()
                except TimeoutError:
                    for connection in self._connections:
                        connection.transport.abort()
        self._guests.close()

    # connections call these

    def arrived(self, connection: Connection) -> None:
        """Let a socket in, if there is room."""
        self._connections.add(connection)
        CONNECTED.set(len(self._connections))
        if len(self._connections) > self.limits.connections:
            connection.end("too_many_connections")
            return
        # A client without keep-alive that vanished is found by TCP, some day.
        connection.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if self._entrance.tls is not None:
            connection.stage = Stage.SHAKING
            connection.transport.pause_reading()
            self._spawn(self._shake_hands(connection, self._entrance.tls))
        elif self._crowded:
            connection.hold()

    def knocked(self, connection: Connection, connect: Connect) -> None:
        """Checking takes time (hashing, the disk); the connection reads nothing meanwhile."""
        self._spawn(self._guests.admit(connection, connect))

    def crowded(self) -> None:
        """Stop reading everywhere until the intake has room."""
        if not self._crowded:
            self._crowded = True
            self.intake.when_room(self._uncrowded)
            for connection in self._connections:
                connection.hold()

    def gone(self, connection: Connection) -> None:
        """Count it, remember its session, and see whether it was lost."""
        if connection not in self._connections:
            return
        self._connections.remove(connection)
        if not self._connections:
            self._empty.set()
        CONNECTED.set(len(self._connections))
        self._count(connection.closed_for)
        connect = self._guests.gone(connection)
        if connect is not None and self._server is not None and self._server.is_serving():  # else it is we who go
            self._spawn(self._guests.leave(connection, connect))

    # inside

    def _uncrowded(self) -> None:
        self._crowded = False
        for connection in self._connections:
            connection.release()

    def _spawn(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _count(self, reason: str) -> None:
        self.closed[reason] += 1
        CLOSED.labels(reason).inc()

    async def _shake_hands(self, connection: Connection, tls: ssl.SSLContext) -> None:
        """TLS on a socket that already counts as a connection, so that unfinished handshakes are limited too."""
        loop = asyncio.get_running_loop()
        timeout_s = self.limits.connect_s
        inside = None
        try:
            inside = await loop.start_tls(
                connection.transport, connection, tls, server_side=True, ssl_handshake_timeout=timeout_s
            )
        except OSError as error:
            connection.closed_for = why_no_tls(error)
        finally:
            if inside is None:  # then asyncio does not say that the connection is lost
                self.gone(connection)
        if inside is None:
            return
        connection.inside_tls(inside, common_name(inside.get_extra_info("peercert")))
        if self._crowded:
            connection.hold()

    async def sweep(self) -> None:
        """Once a second, for ever: end what is silent, stuck or never knocked; say the wills that are due."""
        while True:
            await asyncio.sleep(1)
            if self._parting is None or self._parting.done():  # the log may be slow, and the rest is not to wait
                self._parting = self._spawn(self._guests.part())
            self._look_around(monotonic_s())

    def _look_around(self, now_s: float) -> None:
        for connection in list(self._connections):
            self._look_at(connection, now_s)
        self._wills.say_due(now_s)

    def _look_at(self, connection: Connection, now_s: float) -> None:
        if connection.stage is Stage.CLOSING:
            if now_s - connection.since > self.limits.connect_s:
                connection.transport.abort()
        elif connection.stuck_since is not None:
            if now_s - connection.stuck_since > self.limits.connect_s:
                connection.end("stuck")
                connection.transport.abort()
        elif connection.stage in (Stage.SHAKING, Stage.NEW):
            if now_s - connection.since > self.limits.connect_s and not self._crowded:
                connection.end("no_connect_in_time")
        elif (
            connection.connect is not None
            and 0 < 1.5 * connection.connect.keep_alive_s < now_s - connection.last_heard
            and not self._crowded
        ):
            connection.end("keep_alive", Code.KEEP_ALIVE)
