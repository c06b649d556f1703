"""Rubbish against the listener, by hypothesis on a live socket and by a coverage-guided fuzzer on the parser."""

from __future__ import annotations

import asyncio
import gc
import importlib.util
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.connection import Connection
from tests.integration.test_listener import MALFORMED
from tests.listening import Client, connect, listening, packet, puback, publish

ROOT = Path(__file__).parent.parent.parent

pieces = st.one_of(
    st.binary(max_size=40),
    st.sampled_from([connect(), connect("d", 5), publish("1"), publish("x", 2, version=5), *MALFORMED.values()]),
    st.builds(packet, st.integers(0, 255), st.binary(max_size=30)),
)


def test_rubbish_harms_no_other_client_and_leaves_nothing_behind(tmp_path: Path) -> None:
    async def main() -> None:
        async with listening(tmp_path) as door:
            good = await Client.known(door.port, "good")
            number = 0

            async def attack(sent: list[bytes]) -> None:
                nonlocal number
                bad = await Client.at(door.port, b"".join(sent))
                bad.writer.write_eof()
                await bad.is_closed()
                bad.writer.close()
                number = number % 65_535 + 1
                good.send(publish("1", number))
                await good.gets(puback(number))

            loop = asyncio.get_running_loop()
            await asyncio.to_thread(
                _attacks, lambda sent: asyncio.run_coroutine_threadsafe(attack(sent), loop).result(30)
            )
            assert sum(door.listener.closed.values()) >= 200
            good.send(b"\xe0\x00")
            await good.is_closed()
            async with asyncio.timeout(10):
                while door.listener._connections:  # noqa: ASYNC110  # sockets close in their own time
                    await asyncio.sleep(0.01)
            assert not door.listener._guests._by_id
            assert not door.listener._tasks
            gc.collect()
            assert not [one for one in gc.get_objects() if isinstance(one, Connection)]

    asyncio.run(main())


def _attacks(attack: Callable[[list[bytes]], None]) -> None:
    @given(st.lists(pieces, max_size=6))
    @settings(max_examples=200, deadline=None, database=None)
    def run(sent: list[bytes]) -> None:
        attack(sent)

    run()


def test_a_thousand_short_connections_leak_no_memory(tmp_path: Path) -> None:
    async def main() -> None:
        async with listening(tmp_path) as door:

            async def visits(count: int) -> None:
                for n in range(count):
                    client = await Client.at(door.port, connect(f"c{n % 7}") + publish("1", 1) + b"\xe0\x00")
                    await client.is_closed()
                    client.writer.close()
                    await client.writer.wait_closed()
                    Client.writers.clear()
                await door.intake.settled()
                door.log.appends.clear()
                gc.collect()

            await visits(100)
            tracemalloc.start()
            before = tracemalloc.get_traced_memory()[0]
            await visits(1000)
            grown = tracemalloc.get_traced_memory()[0] - before
            tracemalloc.stop()
            assert grown < 200_000

    asyncio.run(main())


def test_the_coverage_guided_fuzzer_finds_nothing_in_a_few_seconds(tmp_path: Path) -> None:
    if importlib.util.find_spec("atheris") is None:
        pytest.skip("atheris is not installed for this Python")
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for n, (name, data) in enumerate(MALFORMED.items()):
        (corpus / name).write_bytes(bytes([n]) + data)
    good = publish('{"value":1,"time":5}') + publish("2", 2, head=0x34) + b"\xc0\x00"
    (corpus / "good").write_bytes(b"\x80" + good)
    command = [sys.executable, "-m", "tests.fuzz.fuzz_listener", str(corpus), "-max_total_time=8", "-max_len=5000"]
    done = subprocess.run(
        [*command, f"-artifact_prefix={tmp_path}/"], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "Done" in done.stderr
