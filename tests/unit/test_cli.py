"""The command line: help with examples, exit codes, words instead of tracebacks."""

from __future__ import annotations

import errno
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from typer.testing import CliRunner

from hazardwatch.api.app import create_app
from hazardwatch.api.desk import Desk
from hazardwatch.cli import app
from hazardwatch.errors_for_people import plain_words
from hazardwatch.options import Options
from hazardwatch.verbs import status
from pipeline.errors import ConfigError, Permanent, Transient

runner = CliRunner()
VERBS = [
    ["demo"], ["init"], ["check"], ["presets"], ["run"], ["status"], ["alarms"], ["ack"], ["reset"], ["shelve"],
    ["unshelve"], ["out-of-service"], ["in-service"], ["bypass"], ["mode"], ["dsn"], ["replay"], ["topics"],
    ["points"], ["explain-config"], ["table", "export"], ["table", "diff"], ["table", "apply"],
    ["apply"], ["approve"], ["reject"], ["config", "show"], ["config", "history"], ["config", "diff"],
    ["backtest"], ["explain"], ["kpi"],
    ["table"], ["table", "import"], ["schema"],
    ["token"], ["token", "create"], ["token", "list"], ["token", "revoke"],
]  # fmt: skip
SITE = """
schema: hazardwatch/site/v1
site: {id: s, name: {en: S}, timezone: UTC, language: en}
installations:
  - id: TF1
    name: {en: Tank farm}
    points:
      - id: LT
        name: {en: Level}
        quantity: level
        unit: m
        range: [0, 15]
        stale_after: never
        alarms: {HH: {setpoint: 13, deadband: 1, priority: critical}}
people: [{id: li.wei, name: Li Wei}]
"""


def invoke(*words: object, **environment: str) -> Any:
    return runner.invoke(app, [str(word) for word in words], env={"HAZARDWATCH_DATA": None, **environment})


@pytest.fixture
def site(tmp_path: Path) -> Path:
    file = tmp_path / "site.yaml"
    file.write_text(SITE)
    return file


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    file = tmp_path / "r.csv"
    file.write_text("time,installation,point,value\n" + "".join(f"{t}000,TF1,LT,{9 + t}\n" for t in range(10, 0, -1)))
    return file


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
def test_every_verb_has_help_with_an_example(verb: list[str]) -> None:
    told = invoke(*verb, "--help")
    assert told.exit_code == 0
    assert "Example: " in told.output


def test_the_program_alone_lists_its_verbs_and_is_used_wrongly() -> None:
    told = invoke()
    assert told.exit_code == 2
    assert all(verb[0] in told.output for verb in VERBS)


@pytest.mark.parametrize("later", ["simulate", "drill", "dashboards", "verify"])
def test_what_comes_later_is_not_listed(later: str) -> None:
    assert later not in invoke("--help").output.split()
    assert invoke(later).exit_code == 2


def test_check_accepts_a_good_file_and_tells_every_fault_of_a_bad_one(site: Path) -> None:
    good = invoke("check", site)
    assert good.exit_code == 0
    assert {line.partition(":")[0] for line in good.stderr.splitlines()} == {"hint"}
    assert good.stdout.endswith("site.yaml: no faults, 0 warnings, 3 hints\n")
    site.write_text(SITE.replace("quantity: level", "quantity: levl").replace("language: en", "language: fr"))
    bad = invoke("check", site)
    assert bad.exit_code == 1
    assert "did you mean level?" in bad.stdout
    assert "language" in bad.stdout
    found = json.loads(invoke("check", site, "--json").stdout)
    assert len(found["faults"]) == 2
    assert (found["faults"][0]["level"], found["faults"][0]["line"]) == ("fault", 3)


def test_check_shows_the_expanded_site(site: Path) -> None:
    told = invoke("check", site, "--expand")
    assert told.exit_code == 0
    assert "alarm TF1/LT/STALE\n" in told.stdout
    assert "  setpoint: 13.0" in told.stdout
    found = json.loads(invoke("check", site, "--expand", "--json").stdout)
    assert [one["point"] for one in found["points"]] == ["TF1/LT"]
    assert "TF1/LT/HH" in [one["alarm"] for one in found["alarms"]]


@pytest.mark.parametrize("verb", ["check", "run"])
def test_a_site_file_that_is_not_there_is_wrong_use(verb: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if verb == "run":
        pretend(monkeypatch, "hazardwatch.service", "serve", serve_site)
    told = invoke(verb, tmp_path / "absent.yaml")
    assert told.exit_code == 2
    assert "there is no site file" in told.stderr


async def serve_site(options: Options, _ending: object) -> None:
    from hazardwatch.sites import sound_site

    sound_site(options.site)


def pretend(monkeypatch: pytest.MonkeyPatch, module: str, name: str, what: Callable[..., Any]) -> None:
    fake = ModuleType(module)
    setattr(fake, name, what)
    monkeypatch.setitem(sys.modules, module, fake)


def test_run_hands_flags_and_their_environment_twins_to_the_service(
    tmp_path: Path, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Options] = []

    async def serve(options: Options, _ending: object) -> None:
        asked.append(options)

    pretend(monkeypatch, "hazardwatch.service", "serve", serve)
    told = invoke(
        "run",
        site,
        "--http",
        "127.0.0.1:0",
        HAZARDWATCH_HTTP="127.0.0.1:9",
        HAZARDWATCH_LISTEN="127.0.0.1:1",
        HAZARDWATCH_MQTT="mqtt://b",
        HAZARDWATCH_DSN="postgresql://u@h/db",
        HAZARDWATCH_ROLE="engine,api",
        HAZARDWATCH_DATA=str(tmp_path),
    )
    assert told.exit_code == 0, told.output
    [options] = asked
    assert (str(options.http), str(options.listen), options.mqtt) == ("127.0.0.1:0", "127.0.0.1:1", "mqtt://b")
    assert (options.dsn, options.roles, options.data) == (
        "postgresql://u@h/db",
        frozenset({"engine", "api"}),
        tmp_path,
    )


def test_run_refuses_a_wrong_address_of_kafka_also_from_the_environment(site: Path) -> None:
    told = invoke("run", site, HAZARDWATCH_KAFKA="k:9092,k")
    assert told.exit_code == 2
    assert "--kafka: 'k' is no HOST:PORT" in told.stderr


def test_topics_says_what_it_needs(site: Path) -> None:
    told = invoke("topics", site)
    assert told.exit_code == 2
    assert "say where Kafka is" in told.stderr
    told = invoke("topics", site, "--kafka", "k", HAZARDWATCH_KAFKA_USER="u")
    assert told.exit_code == 2
    assert len(told.stderr.splitlines()) == 2


def test_what_goes_wrong_inside_the_service_is_told_without_traceback(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def serve(_: Options, _ending: object) -> None:
        raise ExceptionGroup("roles", [ConfigError("port taken"), ExceptionGroup("x", [Transient("disk full")])])

    pretend(monkeypatch, "hazardwatch.service", "serve", serve)
    told = invoke("run", site)
    assert (told.exit_code, told.stderr) == (2, "port taken\ndisk full; it may work later\n")


def test_our_own_mistakes_keep_their_traceback(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def serve(_: Options, _ending: object) -> None:
        raise ExceptionGroup("roles", [ConfigError("port taken"), KeyError("bug")])

    pretend(monkeypatch, "hazardwatch.service", "serve", serve)
    assert isinstance(invoke("run", site).exception, ExceptionGroup)


def test_words_for_each_kind_of_error() -> None:
    assert plain_words(Permanent("no")) == ["no"]
    assert plain_words(OSError(errno.EADDRINUSE, "Address already in use")) == ["Address already in use"]
    assert plain_words(PermissionError(errno.EACCES, "Permission denied", "/x")) == ["/x: Permission denied"]
    assert plain_words(OSError(errno.EIO, "Input/output error")) is None
    assert plain_words(ValueError("bug")) is None


def test_demo_takes_a_length_of_time(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[object] = []

    def run_demo(*given: object) -> int:
        asked.append(given)
        return len(asked) - 1

    pretend(monkeypatch, "hazardwatch.demo", "run_demo", run_demo)
    assert invoke("demo", "--for", "90s", "--data", tmp_path, "--language", "zh-CN").exit_code == 0
    assert invoke("demo", "--picture", tmp_path).exit_code == 1
    assert asked == [(90.0, tmp_path, "zh-CN", None), (None, None, None, tmp_path)]
    wrong = invoke("demo", "--for", "90")
    assert wrong.exit_code == 2
    assert "is not a length of time" in wrong.stderr


def test_replay_writes_events_as_json_lines(site: Path, recording: Path, tmp_path: Path) -> None:
    told = invoke("replay", site, recording)
    assert told.exit_code == 0, told.output
    events = [json.loads(line) for line in told.stdout.splitlines()]
    assert [(one["event"], one["alarm"], one["time"]) for one in events] == [
        ("raised", "TF1/LT/HH", "1970-01-01T00:00:04.000Z"),
        ("raised", "TF1/LT/BAD", "1970-01-01T00:00:07.000Z"),
    ]
    assert list(events[0])[:5] == ["event_id", "seq", "time", "decided", "late_s"]
    out = tmp_path / "out.jsonl"
    assert invoke("replay", site, recording, "--out", out, "--until", "5000").stdout == ""
    assert out.read_text() == told.stdout.splitlines()[0] + "\n"


def test_replay_takes_commands(site: Path, recording: Path, tmp_path: Path) -> None:
    commands = tmp_path / "c.jsonl"
    commands.write_text('{"time":5000,"command":"acknowledge","alarm":"TF1/LT/HH","by":"li.wei"}\n')
    told = invoke("replay", site, recording, "--commands", commands, "--until", "1970-01-01T00:00:05Z")
    assert [json.loads(line)["event"] for line in told.stdout.splitlines()] == ["raised", "acknowledged"]


def test_replay_tells_the_faults_of_all_files_at_once_and_writes_nothing(site: Path, tmp_path: Path) -> None:
    readings, commands, out = tmp_path / "r.csv", tmp_path / "c.jsonl", tmp_path / "out"
    readings.write_text("time,installation,point,value\nx,TF1,LT,1\n")
    commands.write_text("{}\n")
    told = invoke("replay", site, readings, "--commands", commands, "--out", out)
    assert told.exit_code == 2
    assert f"{readings}:2: time: found 'x'" in told.stderr
    assert f"{commands}:1: command: found None" in told.stderr
    assert not out.exists()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], "needs a site file and at least one recording"),
        (["site.yaml"], "needs a site file and at least one recording"),
        (["--data", "absent"], "absent holds no log of a service"),
        (["site.yaml", "r.csv", "--data", "absent"], "leave FILE and --commands out"),
        (["site.yaml", "r.csv", "--speed", "0"], "greater than 0"),
        (["site.yaml", "r.csv", "--until", "2026-11-22"], "is not ISO 8601 with a time zone"),
        (["absent.yaml", "r.csv"], "there is no site file"),
    ],
)
def test_replay_used_wrongly_says_how(words: list[str], expected: str) -> None:
    told = invoke("replay", *words)
    assert told.exit_code == 2
    assert expected in " ".join(told.stderr.split())


def test_tokens_are_made_listed_and_revoked(tmp_path: Path) -> None:
    made = invoke("token", "create", "console", "--role", "viewer", "--person", "li.wei", "--data", tmp_path)
    assert made.exit_code == 0
    secret = made.stdout.strip()
    assert secret.startswith("hw_")
    listed = invoke("token", "list", "--data", tmp_path)
    assert "console" in listed.stdout
    assert secret not in listed.stdout
    [found] = json.loads(invoke("token", "list", "--json", "--data", tmp_path).stdout)
    assert (found["name"], found["role"], found["person"]) == ("console", "viewer", "li.wei")
    assert invoke("token", "create", "console", "--role", "viewer", "--data", tmp_path).exit_code == 2
    assert invoke("token", "revoke", "console", "--data", tmp_path).exit_code == 0
    assert invoke("token", "revoke", "console", "--data", tmp_path).exit_code == 2
    assert invoke("token", "list", "--data", tmp_path).stdout == ""


def test_a_role_that_is_none_is_refused(tmp_path: Path) -> None:
    told = invoke("token", "create", "x", "--role", "boss", "--data", tmp_path)
    assert told.exit_code == 2
    assert "viewer, operator, engineer, admin" in told.stderr


@pytest.mark.parametrize(
    "words", [["alarms"], ["status"], ["ack", "TF1/LT/HH"], ["dsn"], ["bypass", "TF1/LT", "--for", "1h"]]
)
def test_without_a_service_every_verb_says_how_to_start_one(words: list[str], tmp_path: Path) -> None:
    told = invoke(*words, "--data", tmp_path)
    assert told.exit_code == 2
    assert "start one with `hazardwatch run" in told.stderr


def test_a_service_elsewhere_needs_a_token() -> None:
    told = invoke("alarms", "--url", "http://127.0.0.1:9", HAZARDWATCH_TOKEN="")
    assert told.exit_code == 2
    assert "--url needs a token" in told.stderr


@pytest.mark.parametrize("url", ["x", "http://", "http://[", "http://a:b", "ftp://a", "http://a b"])
def test_what_is_no_url_is_refused_in_words(url: str) -> None:
    told = invoke("alarms", "--url", url, HAZARDWATCH_TOKEN="t")
    assert told.exit_code == 2, told.exception
    assert told.stderr


def test_what_is_no_token_is_refused_in_words(tmp_path: Path) -> None:
    file = tmp_path / "token"
    for wrong in ("", "two words", "报警"):
        file.write_text(wrong, encoding="utf-8")
        told = invoke("alarms", "--url", "http://127.0.0.1:9", "--token-file", file)
        assert (told.exit_code, "--url needs a token" in told.stderr) == (2, True)
    assert invoke("alarms", "--url", "http://127.0.0.1:9", "--token-file", tmp_path / "absent").exit_code == 2


def test_a_service_that_does_not_answer_is_said_to_be_away() -> None:
    told = invoke("alarms", "--url", "http://127.0.0.1:9", HAZARDWATCH_TOKEN="t")
    assert told.exit_code == 2
    assert "the service at http://127.0.0.1:9 does not answer" in told.stderr


def test_no_heavy_library_is_loaded_for_help() -> None:
    import subprocess

    code = (
        "import sys, hazardwatch.cli as c\n"
        "try: c.app(['--help'], prog_name='hazardwatch')\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'pydantic', 'fastapi', 'httpx', 'pyarrow', 'psycopg', 'msgspec', 'rich.console'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.splitlines()[-1] == "[]"


def test_the_operations_page_names_every_verb_flag_twin_and_path() -> None:
    page = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
    told = " ".join(invoke(*verb, "--help").output for verb in VERBS)
    twins = set(re.findall(r"HAZARDWATCH_[A-Z_]+", re.sub(r"\s+", " ", told)))
    assert len(twins) > 10
    assert [twin for twin in sorted(twins) if f"`{twin}`" not in page] == []
    nothing: Any = None  # the interface is only described, never served
    paths = create_app(nothing, Desk(nothing, nothing), nothing, nothing, nothing).openapi()["paths"]
    assert [path for path in paths if f" {path}" not in page] == []


def _process(id_: str, host: str, roles: dict[str, str | None], **more: object) -> dict[str, object]:
    return {
        "process": id_, "host": host, "pid": 7, "version": "0.1.0", "silent": False, "quiet_s": 0.4,
        "roles": [{"role": role, "works": why is None, "why": why} for role, why in roles.items()],
        "started": "2026-11-22T08:00:00.000Z", "owns": {}, "lags_s": {}, "hops": [], "broker": {}, **more,
    }  # fmt: skip


def test_status_tells_refusals_line_by_line_beside_a_narrow_table(capsys: pytest.CaptureFixture[str]) -> None:
    refused = {"not_json": 1, "unknown_point": 1200, "repeat": 0}
    hop = {"hop": "listener", "received": 1300, "passed": 99, "refused": refused, "waiting": 0, "lag_s": None}
    process = _process("h:/data", "h", {"historian": "connection failed:\n\tis it up?"}, hops=[hop])
    status.show({"processes": [process], "installations": []})
    told = capsys.readouterr().out
    assert max(map(len, told.splitlines())) < 80
    assert "\nlistener refused 1,200: unknown_point\nlistener refused 1: not_json\n" in told
    assert "repeat" not in told
    assert "connection failed: is it up?" in told
    assert "process" not in told


def test_status_of_several_processes_says_who_has_what_and_who_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    owns = {"engine": ["TF1"]}
    broker = {"sessions": 2, "in_flight": 0, "stored": 1203, "dropped": 0}
    processes = [
        _process("a:/1", "a", {"engine": None}, owns=owns, lags_s={"engine": 0.25}),
        _process("b:/1", "b", {"engine": None}, silent=True, quiet_s=14.0, owns={"engine": ["TF2"]}),
        _process("b:/2", "b", {"api": None}),
        _process("b:/x/2", "b", {"collector": "no connection"}, broker=broker),
    ]
    installations = [{"installation": id_, "judged": None, "standing": 0} for id_ in ("TF1", "TF2")]
    status.show({"processes": processes, "installations": installations})
    told = " ".join(capsys.readouterr().out.split())
    assert "a engine works 1 installation 0.2 s" in told
    assert "b/1 engine SILENT for 14 s" in told
    assert "b:/2 api works" in told
    assert "b:/x/2 collector DOES NOT WORK b:/x/2 collector: no connection" in told
    assert (
        "b:/x/2 2 sessions at the broker, 0 messages on their way to the log; it keeps 1,203 and has dropped 0" in told
    )
    assert "TF1 nothing yet 0 a" in told
    assert "TF2 nothing yet 0 NOBODY" in told
