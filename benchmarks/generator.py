"""A plant that publishes: raw sockets, several connections, frames built beforehand, PUBACKs counted. Judges nothing.

A process of its own: `python -m benchmarks.generator '{...Order as JSON}'`; its last line is a Sent as JSON.
"""

from __future__ import annotations

import resource
import selectors
import socket
import sys
import time
from collections import deque

import msgspec
import numpy as np

from benchmarks import plant

_SETTLE_S = 30.0  # how long PUBACKs are waited for at the end


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What to publish. `rate` readings/s in all, None: as fast as PUBACKs allow; `count` messages at most.

    `window`: unacknowledged messages of a connection; `chunk`: messages written at once;
    `crossings_s`: so often one value of the plant goes above HH for one sample.
    """

    port: int
    points: int
    shape: str = "single"
    seconds: float = 10.0
    rate: float | None = None
    count: int | None = None
    connections: int = 4
    window: int = 4_000
    chunk: int = 250
    crossings_s: float = 1.0
    name: str = "gateway"


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """What became of it. `readings` acknowledged within `seconds`; `puback_ms` p50, p99, highest; `unacknowledged`
    messages at the end; `late_s` how far behind its pace it ended; `cpu_s` its own; `each_second`: readings.
    """

    readings: int
    seconds: float
    messages: int
    unacknowledged: int
    puback_ms: tuple[float, float, float]
    late_s: float
    cpu_s: float
    crossings: int
    each_second: list[int]


class _Link:
    """One connection and its share of the points."""

    def __init__(self, order: Order, number: int, points: range) -> None:
        self.frames = plant.Frames(plant.SHAPES[order.shape], points)
        self.chunk = min(order.chunk, len(self.frames))
        self.socket = socket.create_connection(("127.0.0.1", order.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        name = f"{order.name}-{number}".encode()
        body = b"\0\4MQTT\4\2\0\0" + len(name).to_bytes(2, "big") + name
        self.socket.sendall(b"\x10" + bytes([len(body)]) + body)
        answer = b""
        while len(answer) < 4:
            answer += self.socket.recv(4 - len(answer))
        if answer[3]:
            raise ConnectionError(f"refused with code {answer[3]}")
        self.socket.setblocking(False)
        self.sent = self.acknowledged = self.half = 0
        self.at = 0
        self.rest = memoryview(b"")
        self.waiting: deque[tuple[int, float]] = deque()
        self.newest = 0
        self.due = 0.0

    def write(self) -> bool:
        """Go on with what is not written yet; whether all of it is."""
        while self.rest:
            try:
                self.rest = self.rest[self.socket.send(self.rest) :]
            except BlockingIOError:
                return False
        return True


class Generator:
    """Sends what an Order asks for."""

    def __init__(self, order: Order) -> None:
        self._order = order
        share = order.points // order.connections
        self._links = [_Link(order, n, range(n * share, (n + 1) * share)) for n in range(order.connections)]
        self._shape = plant.SHAPES[order.shape]
        self._values = plant.quiet_values(20_000)
        self._values_at = 0
        self._latencies: list[float] = []
        self._buckets: dict[int, int] = {}
        self._crossings = self._messages = 0
        self._next_crossing = order.crossings_s
        self._begun = 0.0
        self._late_s = 0.0

    def run(self) -> Sent:
        """Until the time is over and the PUBACKs are in."""
        selector = selectors.DefaultSelector()
        for link in self._links:
            selector.register(link.socket, selectors.EVENT_READ, link)
        self._begun = time.monotonic()
        for number, link in enumerate(self._links):
            link.due = self._begun + number * 0.01 / len(self._links)
        end, give_up = self._begun + self._order.seconds, self._begun + self._order.seconds + _SETTLE_S
        now = self._begun
        while now < give_up:
            if now < end and not self._enough():
                wait = min(self._offer(link, now) for link in self._links)
            elif not any(link.sent > link.acknowledged or link.rest for link in self._links):
                break
            else:
                written = [link.write() for link in self._links]  # every one of them, also behind one that is stuck
                wait = 0.02 if all(written) else 0.0005
            for key, _ in selector.select(max(0.0, min(wait, 0.05))):
                self._hear(key.data)
            now = time.monotonic()
        return self._told(end)

    def _enough(self) -> bool:
        return self._order.count is not None and self._messages >= self._order.count

    def _offer(self, link: _Link, now: float) -> float:
        """Send the next chunk when it is due and allowed; returns how long nothing is to be done here, s."""
        if not link.write():
            return 0.0005
        order = self._order
        while link.sent + link.chunk - link.acknowledged <= order.window:
            if order.rate is not None and link.due > now:
                return link.due - now
            if not self._send(link):
                return 0.0005
            if order.rate is not None:
                self._late_s = now - link.due
                link.due += link.chunk * self._shape.readings * order.connections / order.rate
            if self._enough() or link.rest:
                return 0.0005
        return 0.05

    def _send(self, link: _Link) -> bool:
        """One chunk, stamped now; False when the clock has not moved on enough for stamps to rise."""
        stamp = time.time_ns() // 1_000_000
        times = self._shape.times
        begins_round = link.at == 0
        if begins_round and stamp - link.newest < times:
            return False
        frames, rows = link.frames, slice(link.at, min(link.at + link.chunk, len(link.frames)))
        if begins_round:
            link.newest = stamp
            self._values_at = (self._values_at + 997) % (len(self._values) - len(frames))
            frames.scatter(slice(None), self._values[self._values_at :])
        frames.stamp(rows, [max(link.newest, stamp) - back for back in range(times - 1, -1, -1)])
        link.newest = max(link.newest, stamp)
        frames.number(rows, link.sent)
        count = rows.stop - rows.start
        self._cross(frames, rows)
        link.rest = memoryview(frames.bytes[rows].tobytes())
        link.sent += count
        self._messages += count
        link.at = rows.stop % len(frames)
        link.waiting.append((link.sent, time.monotonic()))
        link.write()
        return True

    def _cross(self, frames: plant.Frames, rows: slice) -> None:
        """Now and then one value above HH; the next round of values puts it back."""
        if time.monotonic() - self._begun >= self._next_crossing:
            self._next_crossing += self._order.crossings_s
            self._crossings += 1
            row = rows.start + self._crossings % (rows.stop - rows.start)
            place = frames.values[0]
            frames.bytes[row, place : place + 5] = np.frombuffer(plant.ABOVE_HH, np.uint8)

    def _hear(self, link: _Link) -> None:
        try:
            data = link.socket.recv(1 << 18)
        except BlockingIOError:
            return
        if not data:
            raise ConnectionError("the connection was closed")
        link.half += len(data)  # every PUBACK is four bytes
        count, link.half = divmod(link.half, 4)
        link.acknowledged += count
        now = time.monotonic()
        second = int(now - self._begun)
        self._buckets[second] = self._buckets.get(second, 0) + count * self._shape.readings
        while link.waiting and link.waiting[0][0] <= link.acknowledged:
            self._latencies.append(now - link.waiting.popleft()[1])

    def _told(self, end: float) -> Sent:
        ended = time.monotonic()
        for link in self._links:
            if link.sent == link.acknowledged:
                link.socket.setblocking(True)
                link.socket.sendall(b"\xe0\x00")
            link.socket.close()
        used = resource.getrusage(resource.RUSAGE_SELF)
        took = sorted(self._latencies) or [0.0]
        seconds = sorted(self._buckets)
        return Sent(
            readings=sum(self._buckets.values()),
            seconds=max(ended, min(end, ended)) - self._begun,
            messages=self._messages,
            unacknowledged=sum(link.sent - link.acknowledged for link in self._links),
            puback_ms=(1e3 * took[len(took) // 2], 1e3 * took[int(len(took) * 0.99)], 1e3 * took[-1]),
            late_s=self._late_s,
            cpu_s=used.ru_utime + used.ru_stime,
            crossings=self._crossings,
            each_second=[self._buckets[second] for second in seconds],
        )


if __name__ == "__main__":
    told = Generator(msgspec.json.decode(sys.argv[1], type=Order)).run()
    sys.stdout.buffer.write(msgspec.json.encode(told) + b"\n")
