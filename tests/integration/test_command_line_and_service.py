"""The command line against a real HTTP server with a real local log; only the engine is a stand-in."""

from __future__ import annotations

import asyncio
import json
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
import structlog
from typer.testing import CliRunner

from hazardwatch.api import server
from hazardwatch.api.app import create_app
from hazardwatch.api.board import Board
from hazardwatch.api.desk import Desk
from hazardwatch.api.tokens import Tokens
from hazardwatch.cli import app
from hazardwatch.health import Health
from hazardwatch.local_access import LocalAccess, find
from hazardwatch.options import Address
from hazardwatch.processes import Processes, Report
from pipeline.errors import ConfigError
from pipeline.local_log import LocalLog
from pipeline.log import ALARM, PLANT
from pipeline.lone import LoneTable
from pipeline.model import Command, Judged
from pipeline.records import decode, encode
from tests.unit.api_world import HH, SITE, event

Stopped = Callable[[], None]


def invoke(*words: object, **environment: str) -> Any:
    return CliRunner().invoke(app, [str(word) for word in words], env={"HAZARDWATCH_DATA": None, **environment})


async def _stand_in_engine(log: LocalLog) -> None:
    """Acknowledges what li.wei asks for, refuses everybody and everything else."""
    reader = log.reader(PLANT, {})
    while True:
        for entry in await reader.fetch(1.0):
            command = decode(entry.data)
            assert isinstance(command, Command)
            change: dict[str, Any] = {"event": "acknowledged", "state": "ACKED"}
            if command.by != "li.wei":
                change = {"event": "refused", "state": "UNACK", "reason": "unknown_person"}
            elif command.alarm != HH.id:
                change = {"event": "refused", "state": None, "reason": "unknown_alarm", "alarm": command.alarm}
            answer = event(seq=2, position=entry.position, actor=command.by, note=command.note, **change)
            judged = Judged(second=5_000, position=entry.position)
            await log.append(ALARM, [("TF1", encode(answer)), ("TF1", encode(judged))])


async def _serve(data: Path, up: Future[asyncio.Event], tls: tuple[Path, Path] | None) -> None:
    board, health, stop = Board(SITE), Health(("engine", "api")), asyncio.Event()
    tokens = Tokens(data, local="local-secret")
    async with LocalLog.open(data / "log") as log:
        await log.append(ALARM, [("TF1", encode(event(position=0)))])
        processes = Processes(LoneTable(), Report(health, data))
        await processes.say()
        application = create_app(board, Desk(log, board), health, tokens, processes)
        address = Address("127.0.0.1", 0)
        door = server.bind(address)
        access = LocalAccess(
            url=server.url_of(door, address, tls=tls is not None),
            token="local-secret",
            certificate=str(tls[0]) if tls else None,
            dsn="postgresql:///history",
        )
        tasks = [
            asyncio.create_task(one)
            for one in (board.follow(log), _stand_in_engine(log), server.run(application, door, *(tls or ())))
        ]
        health.ask("engine", lambda: None)
        health.ask("api", lambda: None if board.ready else "still reading the alarm log")
        async with server.announced(data, access):
            up.set_result(stop)
            await stop.wait()
        for task in tasks:
            task.cancel()
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            assert isinstance(outcome, asyncio.CancelledError), outcome


class Service:
    """The stand-in service in a thread of its own."""

    def __init__(self, data: Path, tls: tuple[Path, Path] | None = None) -> None:
        self.data = data
        up: Future[asyncio.Event] = Future()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(_serve(data, up, tls),))
        self._thread.start()
        self._stop = up.result(10)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(20)
        assert not self._thread.is_alive()
        self._loop.close()


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Service and command line share this process's stdout; the service's own log lines stay out of it."""
    with structlog.testing.capture_logs():
        yield


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    made = Service(tmp_path)
    try:
        yield made
    finally:
        made.stop()


def standing(service: Service) -> dict[str, Any]:
    told = invoke("alarms", "--json", "--data", service.data)
    assert told.exit_code == 0, told.output
    [found] = json.loads(told.stdout)
    assert isinstance(found, dict)
    return found


def test_an_alarm_is_seen_acknowledged_and_seen_again(service: Service) -> None:
    assert standing(service)["state"] == "UNACK"
    table = invoke("alarms", "--data", service.data)
    assert HH.id in table.stdout
    assert "Tank 101 level。 HH" in table.stdout  # the site speaks zh-CN
    assert "Close MOV-101。" in table.stdout
    told = invoke("ack", HH.id, "--by", "li.wei", "--note", "valve closed", "--data", service.data)
    assert (told.exit_code, told.stdout) == (0, f"{HH.id}: acknowledged, now ACKED\n")
    after = standing(service)
    assert (after["state"], after["actor"], after["note"]) == ("ACKED", "li.wei", "valve closed")


def test_alarms_and_points_of_a_service_are_chosen_and_printed_as_csv(service: Service) -> None:
    chosen = invoke("alarms", "--class", "safety", "--text", "tank 101", "--csv", "--data", service.data)
    assert (chosen.exit_code, [line.split(",")[2] for line in chosen.stdout.splitlines()]) == (0, ["alarm", HH.id])
    assert invoke("alarms", "--class", "process", "--json", "--data", service.data).stdout == "[]\n"
    [point] = json.loads(invoke("points", "--json", "--data", service.data).stdout)
    assert (point["point"], point["standing"]) == ("TF1/LT-101", {"HH": "UNACK"})
    assert "HH UNACK" in invoke("points", "--priority", "critical", "--data", service.data).stdout
    wrong = invoke("points", "--class", "safty", "--data", service.data)
    assert (wrong.exit_code, "did you mean safety?" in wrong.stderr) == (2, True)


def test_a_refusal_is_the_answer_no(service: Service) -> None:
    told = invoke("reset", HH.id, "--by", "nobody", "--data", service.data)
    assert (told.exit_code, told.stdout) == (1, f"{HH.id}: refused: the site has no such person\n")
    json_told = invoke("shelve", HH.id, "--for", "30min", "--by", "nobody", "--json", "--data", service.data)
    assert json_told.exit_code == 1
    assert json.loads(json_told.stdout)[0]["event"] == "refused"


@pytest.mark.parametrize(
    ("odd", "code", "words"),
    [
        ("", 2, "alarm: String should have at least 1 character"),
        ("..", 2, "no installation '..'"),
        ("TF1/LT#1/HH?x=1", 1, "the site has no such alarm"),
        ("TF1/LT 1/HH", 1, "the site has no such alarm"),
        ("TF1/液位/HH", 1, "the site has no such alarm"),
        ("x" * 300, 2, "at most 200 characters"),
    ],
)
def test_an_odd_alarm_id_is_refused_in_words(service: Service, odd: str, code: int, words: str) -> None:
    told = invoke("ack", odd, "--by", "li.wei", "--data", service.data)
    assert (told.exit_code, words in told.output) == (code, True), told.output


def test_nobody_and_nowhere_are_wrong_use(service: Service) -> None:
    nobody = invoke("ack", HH.id, "--data", service.data)
    assert (nobody.exit_code, "--by PERSON" in nobody.stderr) == (2, True)
    nowhere = invoke("ack", "TF9/LT-101/HH", "--by", "li.wei", "--data", service.data)
    assert (nowhere.exit_code, "TF1, TF2" in nowhere.stderr) == (2, True)


def test_what_is_normal_needs_no_acknowledgement(service: Service) -> None:
    told = invoke("ack", "TF1/LT-101/H", "--by", "li.wei", "--data", service.data)
    assert told.exit_code == 0
    assert "nothing to acknowledge" in told.stderr


def test_status_and_dsn_are_told(service: Service) -> None:
    told = invoke("status", "--data", service.data)
    assert told.exit_code == 0, told.output
    assert "engine" in told.stdout
    assert invoke("dsn", "--data", service.data).stdout == "postgresql:///history\n"
    assert json.loads(invoke("dsn", "--json", "--data", service.data).stdout) == {"dsn": "postgresql:///history"}
    assert json.loads(invoke("status", "--json", "--data", service.data).stdout)["site"] == "east-park"


def test_a_token_made_beside_the_service_opens_it_from_elsewhere(service: Service) -> None:
    secret = invoke("token", "create", "desk", "--role", "viewer", "--data", service.data).stdout.strip()
    url = find(service.data).url
    seen = invoke("alarms", "--json", "--url", url, HAZARDWATCH_TOKEN=secret)
    assert json.loads(seen.stdout)[0]["alarm"] == HH.id
    refused = invoke("ack", HH.id, "--by", "li.wei", "--url", url, HAZARDWATCH_TOKEN=secret)
    assert (refused.exit_code, "needs the role operator" in refused.stderr) == (2, True)
    file = service.data / "token"
    file.write_text("hw_wrong\n")
    wrong = invoke("alarms", "--url", url, "--token-file", file)
    assert (wrong.exit_code, "unknown or revoked" in wrong.stderr) == (2, True)


def test_with_tls_the_services_own_certificate_is_trusted_and_no_other(tmp_path: Path) -> None:
    first, second = _certificate(tmp_path / "1"), _certificate(tmp_path / "2")
    service = Service(tmp_path / "data", first)
    try:
        assert standing(service)["alarm"] == HH.id
        access = json.loads((service.data / "cli.token").read_text())
        (service.data / "cli.token").write_text(json.dumps(access | {"certificate": str(second[0])}))
        told = invoke("alarms", "--data", service.data)
        assert (told.exit_code, "does not answer" in told.stderr) == (2, True)
    finally:
        service.stop()


def _certificate(folder: Path) -> tuple[Path, Path]:
    import subprocess

    folder.mkdir()
    cert, key = folder / "cert.pem", folder / "key.pem"
    words = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
    ]
    subprocess.run([*words, "-subj", "/CN=plant", "-keyout", key, "-out", cert], check=True, capture_output=True)
    return cert, key


def test_a_service_that_ended_is_not_found_any_more(tmp_path: Path) -> None:
    Service(tmp_path).stop()
    told = invoke("alarms", "--data", tmp_path)
    assert (told.exit_code, "no service runs" in told.stderr) == (2, True)


def test_an_address_that_is_taken_is_said_to_be(tmp_path: Path) -> None:
    taken = server.bind(Address("127.0.0.1", 0))
    taken.listen()
    with pytest.raises(ConfigError, match="choose another with --http"):
        server.bind(Address("127.0.0.1", taken.getsockname()[1]))
    taken.close()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_another_users_service_says_whose_it_is(tmp_path: Path) -> None:
    (tmp_path / "cli.token").write_text("{}")
    (tmp_path / "cli.token").chmod(0)
    assert "belongs to another user" in invoke("alarms", "--data", tmp_path).stderr
