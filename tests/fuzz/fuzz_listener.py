"""Coverage-guided fuzzing of a connection of the listener: python -m tests.fuzz.fuzz_listener [libFuzzer options].

The input is what a client sends: its first byte chooses how it is cut into reads and whether the client is
already let in. No socket: the transport is a stub, everything behind it is real. Any exception is a finding,
and so is a connection that writes after it ended, keeps more than its limits allow, or miscounts.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any, cast

import atheris

with atheris.instrument_imports(include=["ingest"]):
    from ingest.connection import Connection
    from ingest.house import Stage
    from ingest.intake import Intake
    from ingest.limits import Limits
    from ingest.packets import Connect, connack
    from ingest.passwords import Permit

from pipeline.log import Log
from pipeline.metrics import Hop
from tests.ingest_parts import KeptLog, site

LIMITS = Limits(packet_bytes=4096, connect_bytes=1024, receive_maximum=5)
HOP = Hop("fuzz")


class StubTransport(asyncio.Transport):
    """Counts what is written and knows whether it is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.closed = False
        self.late = 0

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        self.late += self.closed

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


class OpenHouse:
    """Lets everybody in at once."""

    def __init__(self, permit: Permit | None) -> None:
        self.intake = Intake(cast("Log", KeptLog()), site(), most=100)
        self.limits = LIMITS
        self.hop = HOP
        self.permit = permit

    def arrived(self, connection: Connection) -> None: ...

    def knocked(self, connection: Connection, connect: Connect) -> None:
        answer = connack(connect, present=False, assigned=False, receive_maximum=5, maximum_packet=4096)
        connection.accept(connect, self.permit, answer)

    def crowded(self) -> None: ...

    def gone(self, connection: Connection) -> None: ...


def one_input(data: bytes) -> None:
    """Feed one client's bytes in reads of the size its first byte says."""
    if not data:
        return
    how, data = data[0], data[1:]
    house = OpenHouse(Permit("u", ("hazardwatch/v1/TF1/LT-101",)) if how & 0x40 else None)
    connection = Connection(house)
    transport = StubTransport()
    connection.connection_made(transport)
    if how & 0x80:
        version = 5 if how & 0x20 else 4
        connection.data_received(b"\x10\x0d\x00\x04MQTT%c\x02\x00\x00\x00\x01c" % version if version == 4 else
                                 b"\x10\x0e\x00\x04MQTT\x05\x02\x00\x00\x00\x00\x01c")  # fmt: skip
        assert connection.stage is Stage.OPEN
    size = (how & 0x1F) or 65_536
    for at in range(0, len(data), size):
        if connection.stage is Stage.CLOSING:
            break
        connection.data_received(data[at : at + size])
        assert len(connection._rest) <= LIMITS.packet_bytes + size + 5
        assert connection._in_flight == sum(connection._counts)
    receipts = house.intake._batch.receipts.get(connection, [])
    connection.committed(receipts)
    assert connection._in_flight == 0
    connection.connection_lost(None)
    assert transport.late == 0


def main() -> None:
    """Hand over to libFuzzer."""
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
