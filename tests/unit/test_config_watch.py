"""A door that starts before any engine: which configuration it reads by until all engines have told theirs."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Literal

import msgspec

from hazardwatch import config_watch
from hazardwatch.config_file import ConfigFile
from hazardwatch.config_role import ConfigRole
from pipeline import records
from pipeline.log import ALARM
from pipeline.site import Installation, Site, Text, of_installation
from tests.memory_log import MemoryLog


def plant(language: Literal["en", "zh-CN"]) -> Site:
    name = Text(en="x", zh="x")
    installations = tuple(Installation(id=id_, name=name, points=()) for id_ in ("TF1", "TF2"))
    return Site(id="p", name=name, language=language, installations=installations)


async def in_force(log: MemoryLog, site: Site, installation: str) -> None:
    copy = records.config_copy(records.encode_site(of_installation(site, installation)), 0)
    await log.append(ALARM, [(installation, copy)])


def test_a_door_keeps_an_installation_of_its_file_until_an_engine_has_told_of_it(tmp_path: Path) -> None:
    file = tmp_path / "site.yaml"
    file.touch()

    async def story() -> None:
        log, used = MemoryLog(), asyncio.Queue[Site]()
        role, start = ConfigRole(log, lambda: False), ConfigFile(file, plant("en"))
        await start.look()
        tasks = [
            asyncio.create_task(role.run()),
            asyncio.create_task(config_watch.follow(role, start, used.put_nowait, config_watch.nowhere)),
        ]
        await role.ready.wait()  # with nothing in force anywhere
        await asyncio.sleep(0)
        changed = msgspec.structs.replace(plant("en"), language="zh-CN")
        for id_ in ("TF1", "TF2"):
            await in_force(log, changed, id_)
            site = await asyncio.wait_for(used.get(), 20)
            assert {one.id for one in site.installations} == {"TF1", "TF2"}
            assert site.language == "zh-CN"
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(one, asyncio.CancelledError) for one in ended)

    asyncio.run(story())
