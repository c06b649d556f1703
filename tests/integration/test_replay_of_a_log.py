"""`replay --data`: a service's own log, read from its beginning, beside the service that writes it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import msgspec
import numpy as np
from typer.testing import CliRunner

from hazardwatch.cli import app
from pipeline.local_log import LocalLog
from pipeline.log import PLANT
from pipeline.model import Block, Command
from pipeline.records import Kind, encode, encode_block
from pipeline.site import Alarm, Installation, Person, Point, Site, Text

NAME = Text(en="x", zh="x")
HH = Alarm(id="TF1/A/HH", name="HH", point="A", kind="high", alarm_class="p", priority="high", setpoint=10.0)
SITE = Site(
    id="s",
    name=NAME,
    installations=(
        Installation(
            id="TF1",
            name=NAME,
            points=(Point(id="A", name=NAME, quantity="level", unit="m", low=0.0, high=20.0, alarms=(HH,)),),
        ),
    ),
    people=(Person(id="li.wei", name="李伟", language="zh-CN"),),
)
T0 = 1_763_800_000_000


def reading(stamp: int, value: float) -> bytes:
    flags = np.zeros(1, np.uint8)
    return encode_block(Block(("A",), np.zeros(1, np.uint16), np.array([stamp]), np.array([value]), flags))


async def write(log: LocalLog, now: list[int]) -> None:
    ack = Command(command="acknowledge", by="li.wei", alarm=HH.id)
    for second, data in enumerate(
        [
            bytes([Kind.CONFIG]) + msgspec.json.encode(SITE),
            reading(T0 + 1000, 9.0),
            reading(T0 + 2000, 11.0),
            encode(ack),
            reading(T0 + 4000, 9.0),
        ]
    ):
        now[0] = T0 + second * 1000
        await log.append(PLANT, [("TF1", data)])


def replayed(*words: str) -> list[tuple[str, str]]:
    told = CliRunner().invoke(app, ["replay", *words])
    assert told.exit_code == 0, told.output
    return [(one["event"], one["state"]) for one in map(json.loads, told.stdout.splitlines())]


def test_a_services_own_log_gives_its_events_also_while_it_is_written(tmp_path: Path) -> None:
    async def scene() -> list[list[tuple[str, str]]]:
        now = [T0]
        async with LocalLog.open(tmp_path / "log", lambda: now[0]) as log:
            await write(log, now)
            until = str(T0 + 2000)
            return [
                await asyncio.to_thread(replayed, "--data", str(tmp_path)),
                await asyncio.to_thread(replayed, "--data", str(tmp_path), "--until", until),
            ]

    whole, part = asyncio.run(scene())
    assert whole == [("raised", "UNACK"), ("acknowledged", "ACKED"), ("cleared", "NORMAL")]
    assert part == whole[:1]
    assert replayed("--data", str(tmp_path)) == whole
