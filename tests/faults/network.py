"""TCP proxies between each pair of parts, which can be cut and slowed; and the receiver of webhooks beside them.

They live on a thread of their own, so that the harness may wait for servers meanwhile. They know no protocol.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from deploy.devstack.processes import free_port
from simulators.receiver import Receiver

_PIECE = 65_536


class Link:
    """Listens at `port` and goes on to the first of `targets` (ports of loopback) that answers, turn by turn."""

    def __init__(self, targets: Sequence[int]) -> None:
        self.port = free_port()
        self.delay_s = 0.0
        self.is_cut = False
        self._targets = list(targets)
        self._turn = 0
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def listen(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)

    async def close(self) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut(self) -> None:
        """No connection lives, and no new one comes about, until `heal`."""
        self.is_cut = True
        for writer in list(self._open):
            writer.transport.abort()

    def heal(self) -> None:
        self.is_cut = False
        self.delay_s = 0.0

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with suppress(OSError, asyncio.CancelledError):
                await self._join(reader, writer)
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_cut:
            return
        there_reads, there_writes = await self._onward()
        ends = {writer, there_writes}
        self._open |= ends
        try:
            ways = [
                asyncio.create_task(self._carry(reader, there_writes)),
                asyncio.create_task(self._carry(there_reads, writer)),
            ]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
        finally:
            self._open -= ends
            there_writes.transport.abort()

    async def _onward(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        for _ in self._targets:
            self._turn += 1
            with suppress(ConnectionRefusedError):
                return await asyncio.open_connection("127.0.0.1", self._targets[self._turn % len(self._targets)])
        raise ConnectionRefusedError

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(_PIECE):
            if self.delay_s:
                await asyncio.sleep(self.delay_s)
            writer.write(piece)
            await writer.drain()


class Network:
    """All links by name, and the receiver; used from other threads."""

    def __init__(self, loop: asyncio.AbstractEventLoop, receiver: Receiver) -> None:
        self._loop = loop
        self.receiver = receiver
        self.links: dict[str, list[Link]] = {}

    def link(self, name: str, targets: Sequence[int]) -> int:
        """The port of a new link; links of one name are cut and slowed together."""
        made = Link(targets)
        asyncio.run_coroutine_threadsafe(made.listen(), self._loop).result(10)
        self.links.setdefault(name, []).append(made)
        return made.port

    def cut(self, name: str) -> None:
        for one in self.links[name]:
            self._loop.call_soon_threadsafe(one.cut)

    def slow(self, name: str, delay_s: float) -> None:
        for one in self.links[name]:
            one.delay_s = delay_s

    def heal(self, name: str) -> None:
        for one in self.links[name]:
            self._loop.call_soon_threadsafe(one.heal)


@contextmanager
def network() -> Iterator[Network]:
    """Running as long as we are inside."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    receiver = Receiver()
    asyncio.run_coroutine_threadsafe(receiver.__aenter__(), loop).result(10)
    made = Network(loop, receiver)
    try:
        yield made
    finally:
        for one in [one for links in made.links.values() for one in links]:
            asyncio.run_coroutine_threadsafe(one.close(), loop).result(10)
        asyncio.run_coroutine_threadsafe(receiver.__aexit__(None, None, None), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
