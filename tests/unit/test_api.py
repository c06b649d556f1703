"""The HTTP interface: who may do what, what stands, what becomes of a command."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from hazardwatch.api.app import create_app
from hazardwatch.api.board import RECENT, Board
from hazardwatch.api.desk import Desk
from hazardwatch.api.tokens import Tokens
from hazardwatch.health import Health
from hazardwatch.processes import Processes, Report
from pipeline.errors import Transient
from pipeline.log import PLANT
from pipeline.lone import LoneTable
from pipeline.metrics import Hop
from pipeline.model import Command, Event, Held, Hold, Judged, ModeHold
from pipeline.records import decode
from tests.unit.api_world import HH, SITE, H, MemoryLog, event

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class World:
    """A running interface. `answers` is what the engine says to the next command."""

    def __init__(self, folder: Path) -> None:
        self.log = MemoryLog()
        self.log.engine = self._judge
        self.answers: list[dict[str, Any]] = [{}]
        self.board = Board(SITE)
        self.health = Health(("engine", "api"))
        self.tokens = Tokens(folder, local="local")
        self.processes = Processes(LoneTable(), Report(self.health, folder))
        self.desk = Desk(self.log, self.board, wait_s=30)
        self.headers = {"Authorization": "Bearer local"}

    def _judge(self, position: int, data: bytes) -> None:
        command = decode(data)
        assert isinstance(command, Command)
        for number, change in enumerate(self.answers):
            known: dict[str, Any] = {"event": "acknowledged", "state": "ACKED", "actor": command.by}
            self.log.say(event(**known | {"position": position + 100, "seq": 50 + number, "ordinal": number} | change))
        self.log.say(Judged(second=5_000, position=position + 100))

    def works(self) -> None:
        for role in ("engine", "api"):
            self.health.ask(role, lambda: None)

    def token(self, role: Any, person: str | None = None) -> dict[str, str]:
        name = f"{role}-{person}"
        return {"Authorization": f"Bearer {self.tokens.create(name, role, 0, person)}"}

    @asynccontextmanager
    async def client(self) -> AsyncIterator[httpx.AsyncClient]:
        following = asyncio.create_task(self.board.follow(self.log))
        transport = httpx.ASGITransport(create_app(self.board, self.desk, self.health, self.tokens, self.processes))
        try:
            async with httpx.AsyncClient(transport=transport, base_url="http://x", headers=self.headers) as client:
                await self.board.caught_up()
                yield client
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    # The engine's records bear the command's position; here plant positions begin behind the events told before.
    append = made.log.append

    async def shifted(topic: str, items: Any) -> list[int]:
        return [position + 100 for position in await append(topic, items)]

    made.log.append = shifted  # type: ignore[method-assign]  # a plain fake
    return made


ACK = {"command": "acknowledge", "alarm": HH.id, "by": "li.wei", "occurrence": "o1", "note": "seen"}


async def test_livez_healthz_and_metrics_need_no_token(world: World) -> None:
    world.headers = {}
    world.works()
    Hop("listener").received(1)
    async with world.client() as client:
        assert (await client.get("/livez")).json() == {"works": True}
        assert (await client.get("/healthz")).status_code == 200
        metrics = await client.get("/metrics")
    assert 'hazardwatch_received_total{hop="listener"}' in metrics.text
    assert metrics.headers["content-type"].startswith("text/plain")


async def test_healthz_says_which_role_does_not_work(world: World) -> None:
    world.health.ask("engine", lambda: "no second judged for 12 s")
    async with world.client() as client:
        answer = await client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json() == {
        "works": False,
        "roles": [
            {"role": "engine", "works": False, "why": "no second judged for 12 s"},
            {"role": "api", "works": False, "why": "still starting"},
        ],
    }


@pytest.mark.parametrize("path", ["/api/v1/alarms", f"/api/v1/alarms/{HH.id}", "/api/v1/events", "/api/v1/status"])
async def test_reading_needs_a_token_that_is_known(world: World, path: str) -> None:
    viewer = world.token("viewer")
    async with world.client() as client:
        assert (await client.get(path, headers=viewer)).status_code in (200, 404)
        for wrong in ({"Authorization": ""}, {"Authorization": "Bearer no"}, {"Authorization": "Basic bG9jYWw="}):
            answer = await client.get(path, headers=wrong)
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"] == "Bearer"
        world.tokens.revoke("viewer-None")
        assert (await client.get(path, headers=viewer)).status_code == 401


async def test_commands_need_a_token_too(world: World) -> None:
    world.headers = {}
    async with world.client() as client:
        assert (await client.post("/api/v1/commands", json=ACK)).status_code == 401
        assert (await client.post("/api/v1/acknowledge", params={"alarm": HH.id})).status_code == 401
    assert PLANT not in world.log.entries


@pytest.mark.parametrize(
    ("role", "command", "status"),
    [
        ("viewer", "acknowledge", 403),
        ("operator", "acknowledge", 200),
        ("operator", "shelve", 200),
        ("operator", "bypass", 403),
        ("operator", "out_of_service", 403),
        ("engineer", "bypass", 200),
        ("admin", "out_of_service", 200),
    ],
)
async def test_roles_say_who_may_ask_what(world: World, role: str, command: str, status: int) -> None:
    async with world.client() as client:
        asked = ACK | {"command": command}
        answer = await client.post("/api/v1/commands", json=asked, headers=world.token(role))
    assert answer.status_code == status
    assert (PLANT in world.log.entries) == (status == 200)


async def test_a_persons_token_speaks_for_that_person_only(world: World) -> None:
    own = world.token("operator", "li.wei")
    async with world.client() as client:
        without = {key: value for key, value in ACK.items() if key != "by"}
        assert (await client.post("/api/v1/commands", json=without, headers=own)).status_code == 200
        other = await client.post("/api/v1/commands", json=ACK | {"by": "wang.fang"}, headers=own)
        nobody = await client.post("/api/v1/commands", json=without)
    assert other.status_code == 403
    assert nobody.status_code == 422
    [entry] = world.log.entries[PLANT]
    command = decode(entry.data)
    assert isinstance(command, Command)
    assert command.by == "li.wei"


async def test_the_most_urgent_alarm_comes_first_with_texts_and_guidance(world: World) -> None:
    world.works()
    world.log.say(event())
    world.log.say(event(alarm=H.id, seq=2, position=2, priority="high", occurrence="o2", time=900))
    world.log.say(event(seq=3, position=3, event="acknowledged", state="ACKED", actor="li.wei", time=2_000))
    async with world.client() as client:
        answer = (await client.get("/api/v1/alarms")).json()
    assert (answer["language"], answer["warnings"]) == ("zh-CN", [])
    assert [one["event"]["alarm"] for one in answer["alarms"]] == [H.id, HH.id]
    taken = answer["alarms"][1]
    assert list(taken["event"])[:3] == ["event_id", "seq", "time"]
    assert taken["event"]["from"] == "NORMAL"
    assert taken["since"] == "1970-01-01T00:00:01.000Z"
    assert taken["name"] == {"en": "Tank 101 level HH", "zh-CN": "Tank 101 level。 HH"}
    assert taken["guidance"]["action"] == {"en": "Close MOV-101", "zh-CN": "Close MOV-101。"}
    assert taken["guidance"]["cause"] is None
    assert "Tank 101 level" in taken["text"]["en"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"installation": "TF2"}, []),
        ({"installation": "TF1"}, [HH.id, H.id]),
        ({"priority": "high"}, [H.id]),
        ({"priority": ["high", "critical"]}, [HH.id, H.id]),
        ({"state": "UNACK"}, [HH.id]),
        ({"class": "safety"}, [HH.id]),
        ({"text": "mov-101"}, [HH.id]),
        ({"text": "tank 101"}, [HH.id, H.id]),
    ],
)
async def test_alarms_are_filtered(world: World, query: dict[str, Any], found: list[str]) -> None:
    world.log.say(event())
    world.log.say(event(alarm=H.id, seq=2, position=2, priority="high", state="ACKED"))
    async with world.client() as client:
        answer = (await client.get("/api/v1/alarms", params=query)).json()
    assert [one["event"]["alarm"] for one in answer["alarms"]] == found


async def test_points_are_shown_with_what_stands_of_them(world: World) -> None:
    world.log.say(event())
    async with world.client() as client:
        answer = (await client.get("/api/v1/points", params={"priority": "critical"})).json()
        none = (await client.get("/api/v1/points", params={"text": "elsewhere"})).json()
    [point] = answer["points"]
    assert (point["point"], point["alarms"], point["standing"]) == (
        "TF1/LT-101", {"HH": "critical", "H": "high"}, {"HH": "UNACK"},
    )  # fmt: skip
    assert none["points"] == []


async def test_what_the_site_does_not_have_is_not_an_empty_list(world: World) -> None:
    async with world.client() as client:
        answers = [
            await client.get(f"/api/v1/{what}", params=query)
            for what in ("points", "alarms")
            for query in ({"class": "safty"}, {"equipment": "T-9"}, {"installation": "TF9"})
        ]
    assert {one.status_code for one in answers} == {404}
    assert "did you mean safety?" in answers[0].json()["detail"]


async def test_a_list_from_a_process_with_a_dead_part_says_so(world: World) -> None:
    async with world.client() as client:
        answer = (await client.get("/api/v1/alarms")).json()
    assert answer["warnings"] == ["engine does not work: still starting", "api does not work: still starting"]


async def test_nothing_read_yet_is_not_nothing_stands(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hazardwatch.api.app.READY_S", 0)
    world.headers = {"Authorization": "Bearer local"}
    transport = httpx.ASGITransport(create_app(Board(SITE), world.desk, world.health, world.tokens, world.processes))
    async with httpx.AsyncClient(transport=transport, base_url="http://x", headers=world.headers) as client:
        for path in ("/api/v1/alarms", f"/api/v1/alarms/{HH.id}", "/api/v1/events"):
            assert (await client.get(path)).status_code == 503


async def test_one_alarm_is_shown_with_its_events(world: World) -> None:
    world.log.say(event())
    world.log.say(event(alarm=H.id, seq=2, position=2))
    world.log.say(event(seq=3, position=3, event="cleared", state="NORMAL"))
    async with world.client() as client:
        normal = (await client.get(f"/api/v1/alarms/{HH.id}")).json()
        standing = (await client.get(f"/api/v1/alarms/{H.id}")).json()
        unknown = await client.get("/api/v1/alarms/TF1/LT-999/HH")
        nowhere = await client.get("/api/v1/alarms/TF9/LT-101/HH")
    assert (normal["event"], [one["seq"] for one in normal["recent"]]) == (None, [1, 3])
    assert (standing["event"]["seq"], [one["seq"] for one in standing["recent"]]) == (2, [2])
    assert unknown.status_code == 404
    assert "TF1, TF2" in nowhere.json()["detail"]


async def test_a_command_is_in_the_log_and_answered_with_its_events(world: World) -> None:
    world.answers = [{"actor": None, "event": "raised", "alarm": H.id}, {}]  # a second judged just before it
    async with world.client() as client:
        answer = await client.post("/api/v1/commands", json=ACK | {"for": "30min"})
    assert answer.status_code == 200
    body = answer.json()
    assert (body["outcome"], body["message"]) == ("done", f"{HH.id}: acknowledged, now ACKED")
    assert [one["event"] for one in body["events"]] == ["acknowledged"]
    [entry] = world.log.entries[PLANT]
    assert entry.installation == "TF1"
    assert decode(entry.data) == Command(
        command="acknowledge", alarm=HH.id, by="li.wei", occurrence="o1", note="seen", for_ms=1_800_000
    )


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("unknown_person", "the site has no such person"),
        ("other_occurrence", "another occurrence stands now"),
        ("something_new", "something_new"),
    ],
)
async def test_a_refusal_is_told_with_its_reason(world: World, reason: str, words: str) -> None:
    world.answers = [{"event": "refused", "state": "UNACK", "actor": None, "reason": reason}]
    async with world.client() as client:
        answer = await client.post("/api/v1/commands", json=ACK)
    assert (answer.status_code, answer.json()["outcome"]) == (409, "refused")
    assert words in answer.json()["message"]


async def test_the_list_says_what_is_known_beside_an_alarm_and_how_busy_each_position_is(world: World) -> None:
    for n in range(3):
        world.log.say(event(position=n, seq=n, alarm=HH.id, decided=n * 1_000))
    async with world.client() as client:
        answer = (await client.get("/api/v1/alarms")).json()
    assert answer["alarms"][0]["marks"] == {
        "first_out": None,
        "consequence_of": None,
        "rose_from": None,
        "chattering": True,
    }
    assert answer["load"] == [{"position": "desk", "annunciations": 3, "flood": False}]


async def test_more_than_ten_alarms_in_ten_minutes_are_a_flood_of_the_position(world: World) -> None:
    for n in range(11):
        world.log.say(event(position=n, seq=n, alarm=f"TF1/P-{n}/H", decided=n * 1_000))
    async with world.client() as client:
        answer = (await client.get("/api/v1/alarms")).json()
    assert answer["load"] == [{"position": "desk", "annunciations": 11, "flood": True}]


async def test_acknowledging_what_needs_none_is_no_error(world: World) -> None:
    world.answers = []
    async with world.client() as client:
        answer = await client.post("/api/v1/commands", json=ACK)
    assert (answer.status_code, answer.json()["outcome"], answer.json()["events"]) == (200, "nothing to do", [])


async def test_a_command_nobody_judges_is_accepted_and_said_to_be_open(world: World) -> None:
    world.log.engine = None
    world.desk = Desk(world.log, world.board, wait_s=0)
    async with world.client() as client:
        answer = await client.post("/api/v1/commands", json=ACK)
    assert (answer.status_code, answer.json()["outcome"]) == (202, "not judged yet")
    assert len(world.log.entries[PLANT]) == 1


async def test_a_log_that_cannot_take_a_command_says_that_nothing_was_recorded(world: World) -> None:
    async def full(topic: str, items: Any) -> list[int]:
        raise Transient("disk full")

    world.log.append = full  # type: ignore[method-assign]  # a plain fake
    async with world.client() as client:
        answer = await client.post("/api/v1/commands", json=ACK)
    assert answer.status_code == 503
    assert "nothing was recorded: disk full" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"command": "ack"}, 422),
        ({"alarm": None}, 422),
        ({"target": "TF1/LT-101"}, 422),
        ({"for": "30"}, 422),
        ({"ocurrence": "o1"}, 422),
        ({"by": ""}, 422),
        ({"note": 5}, 422),
        ({"one_shot": "perhaps"}, 422),
        ({"alarm": "TF9/LT-101/HH"}, 404),
    ],
)
async def test_what_is_no_command_never_reaches_the_log(world: World, change: dict[str, Any], status: int) -> None:
    async with world.client() as client:
        answer = await client.post("/api/v1/commands", json=ACK | change)
    assert answer.status_code == status
    assert PLANT not in world.log.entries


async def test_a_body_too_large_is_not_read_even_without_a_token(world: World) -> None:
    world.headers = {}
    pieces = [b" " * 60_000] * 3

    async def body() -> AsyncIterator[bytes]:
        while pieces:
            yield pieces.pop()

    async with world.client() as client:
        answer = await client.post("/api/v1/commands", content=body())
    assert answer.status_code == 413
    assert len(pieces) == 1


async def test_the_link_of_a_webhook_acknowledges_its_occurrence(world: World) -> None:
    async with world.client() as client:
        link = f"/api/v1/acknowledge?alarm={HH.id}&occurrence=o1"
        mine = await client.post(link, headers=world.token("operator", "li.wei"))
        named = await client.post(link, json={"by": "li.wei", "note": "n"})
    assert (mine.status_code, named.status_code) == (200, 200)
    first, second = (decode(entry.data) for entry in world.log.entries[PLANT])
    assert first == Command(command="acknowledge", alarm=HH.id, by="li.wei", occurrence="o1")
    assert second == Command(command="acknowledge", alarm=HH.id, by="li.wei", occurrence="o1", note="n")


async def test_events_are_read_on_from_where_one_was(world: World) -> None:
    for seq in (1, 2, 3):
        world.log.say(event(seq=seq, position=seq))
    world.log.say(event(seq=1, position=1, alarm="TF2/x"), "TF2")
    async with world.client() as client:
        first = (await client.get("/api/v1/events", params={"limit": 2})).json()
        rest = (await client.get("/api/v1/events", params={"after": first["next"]})).json()
        none = (await client.get("/api/v1/events", params={"after": rest["next"]})).json()
        number = (await client.get("/api/v1/events", params={"after": "2", "installation": "TF1"})).json()
        wrong = await client.get("/api/v1/events", params={"after": "yesterday"})
    assert [one["seq"] for one in first["events"]] == [1, 2]
    assert first["next"] == "TF1:2,TF2:0"
    assert [(one["alarm"], one["seq"]) for one in rest["events"]] == [(HH.id, 3), ("TF2/x", 1)]
    assert (none["events"], none["next"], none["missed"]) == ([], rest["next"], False)
    assert [one["seq"] for one in number["events"]] == [3]
    assert wrong.status_code == 422


async def test_events_no_longer_remembered_are_said_to_be_missed(world: World) -> None:
    for seq in range(1, RECENT + 5):
        world.log.say(event(seq=seq, position=seq))
    async with world.client() as client:
        assert (await client.get("/api/v1/events", params={"after": "TF1:2"})).json()["missed"] is True
        assert (await client.get("/api/v1/events", params={"after": "TF1:4"})).json()["missed"] is False


async def test_status_counts_each_hop_and_misses_nothing(world: World) -> None:
    hop = Hop("test-hop")
    hop.received(10)
    hop.passed(6)
    hop.refused(1, "unknown_point")
    hop.waiting(2)
    hop.lag(0.25)
    world.log.say(event())
    world.log.say(Judged(second=5_000, position=1))
    async with world.client() as client:
        answer = (await client.get("/api/v1/status")).json()
    [row] = [one for one in answer["hops"] if one["hop"] == "test-hop"]
    assert row == {
        "hop": "test-hop",
        "received": 10,
        "passed": 6,
        "refused": {"unknown_point": 1},
        "waiting": 2,
        "lag_s": 0.25,
        "unaccounted": 1,
    }
    assert answer["installations"] == [
        {"installation": "TF1", "judged": "1970-01-01T00:00:05.000Z", "standing": 1},
        {"installation": "TF2", "judged": None, "standing": 0},
    ]


async def test_the_description_tells_every_path_and_needs_no_internet(world: World) -> None:
    async with world.client() as client:
        described = (await client.get("/openapi.json")).json()
        assert (await client.get("/docs")).status_code == 404
    assert set(described["paths"]) == {
        "/livez",
        "/healthz",
        "/metrics",
        "/api/v1/alarms",
        "/api/v1/alarms/{alarm}",
        "/api/v1/events",
        "/api/v1/points",
        "/api/v1/status",
        "/api/v1/commands",
        "/api/v1/acknowledge",
        "/api/v1/warnings",
        "/api/v1/warnings/acts",
    }
    assert all(one["summary"] for path in described["paths"].values() for one in path.values())


def test_the_event_of_the_interface_is_the_event_of_the_contract() -> None:
    from hazardwatch.api.views import event_out
    from pipeline.outside import event_object

    some: Event = event()
    assert event_out(some).model_dump(by_alias=True) == event_object(some)


async def test_everything_a_command_says_is_in_its_record_and_a_mode_needs_no_event_to_be_done(world: World) -> None:
    asked = {
        "command": "mode", "target": "TF1/T-101", "mode": "cleaning", "for": "2h", "one_shot": True, "by": "li.wei",
        "note": "calibration", "permit": "4711", "review": "2026-11-22T16:00:00+08:00",
    }  # fmt: skip
    world.log.engine = lambda position, _data: world.log.say(Judged(second=1_000, position=position + 100))
    async with world.client() as client:
        answer = await client.post("/api/v1/commands", json=asked)
        wrong = await client.post("/api/v1/commands", json=asked | {"review": "tomorrow"})
    assert (answer.status_code, answer.json()["outcome"]) == (200, "done")
    assert answer.json()["message"] == "TF1/T-101: the mode is cleaning now"
    assert wrong.status_code == 422
    [entry] = world.log.entries[PLANT]
    assert decode(entry.data) == Command(
        command="mode", by="li.wei", target="TF1/T-101", note="calibration", for_ms=7_200_000, one_shot=True,
        mode="cleaning", permit="4711", review=1_795_334_400_000,
    )  # fmt: skip


async def test_an_alarm_says_who_suppresses_it_why_and_how_long(world: World) -> None:
    shelf = Hold(kind="shelved", since=60_000, until=120_000, by="li.wei", note="valve work", one_shot=True)
    out = Hold(kind="out_of_service", since=0, until=9_000_000, by="li.wei", note="n", permit="4711", review=80_000)
    mode = ModeHold(mode="cleaning", since=30_000, by="li.wei", note="empty")
    world.log.say(event(event="shelved", state="SHELVED", position=2))
    held = Held(alarms={HH.id: (out, shelf)}, modes={"TF1/T-101": mode})
    world.log.say(Judged(second=90_000, position=2, held=held))
    async with world.client() as client:
        answer = (await client.get("/api/v1/alarms")).json()
        world.log.say(Judged(second=91_000, position=3, held=Held(alarms={HH.id: ()}, modes={"TF1/T-101": mode})))
        await asyncio.sleep(0.01)
        after = (await client.get(f"/api/v1/alarms/{HH.id}")).json()
    first, second = answer["alarms"][0]["suppressions"]
    assert (first["kind"], first["permit"], first["overdue"], first["left_s"]) == ("out_of_service", "4711", True, 8910)
    assert (second["by"], second["note"], second["age_s"], second["left_s"], second["one_shot"], second["overdue"]) == (
        "li.wei", "valve work", 30, 30, True, False,
    )  # fmt: skip
    [shown] = answer["modes"]
    assert (shown["equipment"], shown["mode"], shown["until"], shown["age_s"]) == ("TF1/T-101", "cleaning", None, 60)
    assert after["suppressions"] == []
