"""Configuration changes over HTTP: who may do what, and what is answered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from hazardwatch.api.app import create_app
from hazardwatch.api.board import Board
from hazardwatch.api.config_desk import ConfigDesk
from hazardwatch.api.desk import Desk
from hazardwatch.api.limits import MOST_BYTES
from hazardwatch.api.tokens import Role, Tokens
from hazardwatch.config_file import ConfigFile
from hazardwatch.config_role import ConfigRole
from hazardwatch.health import Health
from hazardwatch.processes import Processes, Report
from hazardwatch.sites import load_text
from hazardwatch.system_site import with_system
from hazardwatch.verbs.config import history_row
from pipeline import records
from pipeline.config_records import ConfigAsk
from pipeline.log import ALARM, PLANT
from pipeline.lone import LoneTable
from pipeline.model import SYSTEM
from pipeline.site import Site, of_installation
from pipeline.sitefile.files import packed
from tests.unit.api_world import MemoryLog

pytestmark = pytest.mark.anyio
TEXT = """
schema: hazardwatch/site/v1
site: {id: plant, name: {en: plant, zh-CN: 厂}, timezone: Asia/Shanghai, language: en}
installations:
  - id: A
    name: {en: A, zh-CN: A}
    points:
      - id: LT
        name: {en: level, zh-CN: 液位}
        quantity: level
        unit: m
        range: [0, 10]
        stale_after: 10s
        alarms: {H: {setpoint: 8, priority: high}}
people: [{id: li, name: Li, phone: "+8613800000001"}, {id: wu, name: Wu, phone: "+8613800000002"}]
"""
HIGHER = TEXT.replace("setpoint: 8", "setpoint: 9")
LOWER = TEXT.replace("setpoint: 8", "setpoint: 7")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def _site() -> Site:
    loaded = load_text(TEXT.encode(), "site")
    assert loaded.site is not None
    return with_system(loaded.site)


class CopyingLog(MemoryLog):
    """What goes into the plant log comes back in the alarm log, as the engines copy it."""

    async def append(self, topic: str, items: Sequence[tuple[str, bytes]]) -> list[int]:
        positions = await super().append(topic, items)
        for installation, data in items if topic == PLANT else ():
            if data[0] == records.Kind.CONFIG_ASK:
                asked = records.decode(data)
                assert isinstance(asked, ConfigAsk)
                data = records.encode(msgspec.structs.replace(asked, time=1000))  # noqa: PLW2901  # as the engine does
            self.put(ALARM, installation, data)
        return positions


class World:
    """A running interface over a site of one limit."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        site = _site()
        file = folder / "site.yaml"
        file.write_text(TEXT, encoding="utf-8")
        self.log = CopyingLog()
        for id_ in ("A", SYSTEM):
            self.log.put(ALARM, id_, records.encode_site(of_installation(site, id_)))
        self.tokens = Tokens(folder)
        self.role = ConfigRole(self.log, lambda: True)
        self.desk = ConfigDesk(self.log, self.role, ConfigFile(file, site))
        self.site = site

    def token(self, role: Role, person: str | None = None) -> dict[str, str]:
        secret = self.tokens.create(f"{role}-{person}", role, 0, person)
        return {"Authorization": f"Bearer {secret}"}

    @asynccontextmanager
    async def client(self) -> AsyncIterator[httpx.AsyncClient]:
        board = Board(self.site)
        processes = Processes(LoneTable(), Report(Health(()), self.folder))
        app = create_app(board, Desk(self.log, board), Health(()), self.tokens, processes, self.desk)
        following = asyncio.create_task(self.role.run())
        await self.role.ready.wait()
        await self.desk.file.look()
        try:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as client:
                yield client
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)


def _apply(text: str, **more: Any) -> dict[str, Any]:
    return {"site": text, "note": "why", **more}


async def test_a_site_of_several_files_is_proposed_as_one_text(tmp_path: Path) -> None:
    world = World(tmp_path)
    li = world.token("engineer", "li")
    head, people = HIGHER.partition("people:")[::2]
    files = {"site.yaml": f"{head}include: people.yaml\n", "people.yaml": f"people:{people}"}
    async with world.client() as client:
        seen = await client.post("/api/v1/config/preview", json={"site": packed(files).decode()}, headers=li)
        assert [one["what"] for one in seen.json()["differences"]] == ["setpoint"]
        files["people.yaml"] = files["people.yaml"].replace("phone", "phon")
        refused = await client.post("/api/v1/config/preview", json={"site": packed(files).decode()}, headers=li)
        assert refused.status_code == 422
        assert refused.json()["detail"].startswith("people.yaml:1: people[0].phon: found the unknown key phon")
        alone = await client.post("/api/v1/config/preview", json={"site": files["site.yaml"]}, headers=li)
        assert "people.yaml: no such file; expected a file that was sent along" in alone.json()["detail"]


async def test_an_engineer_proposes_and_another_one_approves(tmp_path: Path) -> None:
    world = World(tmp_path)
    li, wu = world.token("engineer", "li"), world.token("engineer", "wu")
    async with world.client() as client:
        seen = (await client.post("/api/v1/config/preview", json={"site": HIGHER}, headers=li)).json()
        assert (seen["loosens"], seen["differences"][0]["reason"]) == (True, "limit_moved_away")
        answer = await client.post("/api/v1/config/changes", json=_apply(HIGHER), headers=li)
        decision = answer.json()["decision"]
        assert (answer.status_code, decision["outcome"], decision["by"]) == (202, "pending", "li")
        assert decision["token"] == "engineer-li (engineer, li's own)"
        own = await client.post("/api/v1/config/changes/1/approve", json={}, headers=li)
        assert (own.status_code, own.json()["decision"]["reason"]) == (409, "same_person")
        other = await client.post("/api/v1/config/changes/1/approve", json={}, headers=wu)
        assert (other.status_code, other.json()["decision"]["outcome"]) == (200, "approved")
        shown = (await client.get("/api/v1/config", headers=li)).json()
        assert (shown["approved"], shown["same_as_file"], shown["open"]) == (True, False, [])
        running = (await client.get("/api/v1/config/site", headers=li)).json()
        assert running["installations"][0]["points"][0]["alarms"][0]["setpoint"] == 9.0
        history = (await client.get("/api/v1/config/history", headers=li)).json()["decisions"]
        assert [one["outcome"] for one in history] == ["found", "found", "pending", "refused", "approved"]
        rows = [history_row(one) for one in history]
        assert [row[4] for row in rows] == ["", "", "", "", "wu"], "who was refused to approve is no second person"
        assert "(asked by li)" in rows[3][6]


async def test_an_operator_may_read_and_neither_propose_nor_approve(tmp_path: Path) -> None:
    world = World(tmp_path)
    operator, engineer = world.token("operator"), world.token("engineer")
    async with world.client() as client:
        assert (await client.get("/api/v1/config", headers=operator)).status_code == 200
        assert (await client.get("/api/v1/config")).status_code == 401
        await client.post("/api/v1/config/changes", json=_apply(HIGHER, by="li"), headers=engineer)
        for path, body in (
            ("preview", {"site": HIGHER}),
            ("changes", _apply(HIGHER, by="wu")),
            ("changes/1/approve", {"by": "wu"}),
            ("changes/1/reject", {"by": "wu"}),
        ):
            refused = await client.post(f"/api/v1/config/{path}", json=body, headers=operator)
            assert refused.status_code == 403, path
        assert len(world.role.book.open) == 1


async def test_a_token_of_a_person_speaks_for_nobody_else(tmp_path: Path) -> None:
    world = World(tmp_path)
    async with world.client() as client:
        answer = await client.post(
            "/api/v1/config/changes", json=_apply(LOWER, by="wu"), headers=world.token("engineer", "li")
        )
        assert answer.status_code == 403
        nobody = await client.post("/api/v1/config/changes", json=_apply(LOWER), headers=world.token("admin"))
        assert nobody.status_code == 422
        assert world.log.entries.get(PLANT, []) == []


async def test_a_site_with_faults_is_refused_with_all_of_them_and_leaves_no_record(tmp_path: Path) -> None:
    world = World(tmp_path)
    wrong = TEXT.replace("unit: m", "unit: bar").replace("priority: high", "priority: hihg")
    async with world.client() as client:
        answer = await client.post(
            "/api/v1/config/changes", json=_apply(wrong, by="li", name="new.yaml"), headers=world.token("engineer")
        )
        assert answer.status_code == 422
        assert answer.json()["detail"].count("new.yaml:") == 2
        assert world.log.entries.get(PLANT, []) == []


async def test_a_new_installation_needs_a_start(tmp_path: Path) -> None:
    world = World(tmp_path)
    more = TEXT.replace("people:", "  - {id: B, name: {en: B, zh-CN: B}, points: []}\npeople:")
    async with world.client() as client:
        answer = await client.post(
            "/api/v1/config/changes", json=_apply(more, by="li"), headers=world.token("engineer")
        )
        assert answer.status_code == 422
        assert "a start of the service" in answer.json()["detail"]


async def test_only_an_engineer_may_send_a_large_body(tmp_path: Path) -> None:
    world = World(tmp_path)
    large = {"site": TEXT + "# " + "x" * MOST_BYTES}
    async with world.client() as client:
        path = "/api/v1/config/preview"
        assert (await client.post(path, json=large, headers=world.token("operator"))).status_code == 413
        assert (await client.post(path, json=large)).status_code == 413
        answer = await client.post(path, json=large, headers=world.token("engineer"))
        assert (answer.status_code, answer.json()["differences"]) == (200, [])


async def test_the_file_beside_the_service_is_compared_when_it_is_written(tmp_path: Path) -> None:
    world = World(tmp_path)
    async with world.client():
        file = world.desk.file
        assert file.same(world.role.book)
        (tmp_path / "site.yaml").write_text(LOWER, encoding="utf-8")
        await file.look()
        assert not file.same(world.role.book)
        (tmp_path / "site.yaml").write_text("no site\n", encoding="utf-8")
        await file.look()
        assert not file.same(world.role.book)
        (tmp_path / "site.yaml").write_text(TEXT, encoding="utf-8")
        await file.look()
        assert file.same(world.role.book)
