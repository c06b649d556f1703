"""The service ends within seconds when told to, leaves nothing behind, and says plainly why it cannot start."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from historian.private_server import PrivateServer
from tests.running import ROOT, Service, free_port
from tests.traffic import until

SITE = ROOT / "tests/integration/faults_site.yaml"
SOON_S = 20


def site_file(folder: Path) -> Path:
    """With a receiver that is not there: messages that cannot be sent must hold up no end either."""
    site = folder / "site.yaml"
    site.write_text(SITE.read_text().replace("RECEIVER", str(free_port())))
    return site


def postgres_under(folder: Path) -> list[int]:
    """Processes of a PostgreSQL that works in this folder."""
    found = []
    for process in Path("/proc").iterdir():
        try:
            if process.name.isdigit() and (process / "cwd").readlink().is_relative_to(folder):
                found.append(int(process.name))
        except OSError:
            continue  # gone, or not ours
    return found


def until_it_listens_to_signals(pid: int) -> None:
    """Before that, Python itself and the list of verbs are being loaded."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        status = (Path("/proc") / str(pid) / "status").read_text()
        caught = next(line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:"))
        if int(caught, 16) >> (signal.SIGTERM - 1) & 1:
            return
        time.sleep(0.01)
    raise AssertionError("the service never listened to signals")


def check_ended(service: Service, began: float, code: int) -> None:
    took = time.monotonic() - began
    assert code == 0, service.output
    assert "Traceback" not in service.output
    assert took < SOON_S
    assert not postgres_under(service.data)


@pytest.mark.parametrize(("kind", "tenths"), [(signal.SIGTERM, range(0, 40, 4)), (signal.SIGINT, range(2, 40, 8))])
@pytest.mark.timeout(300)
def test_a_signal_at_any_moment_of_the_start_ends_it_cleanly(
    tmp_path: Path, kind: signal.Signals, tenths: range
) -> None:
    service = Service(site_file(tmp_path), tmp_path / "data")
    for tenth in tenths:  # of a second
        service.start()
        until_it_listens_to_signals(service.pid)
        time.sleep(tenth / 10)
        began = time.monotonic()
        check_ended(service, began, service.stop(60, kind))
    service.start()
    until("it runs", lambda: "dsn" in cli_token(service))
    began = time.monotonic()
    check_ended(service, began, service.stop(60, kind))


def cli_token(service: Service) -> str:
    """What it tells the command line once all of it runs; "" before."""
    file = service.data / "cli.token"
    return file.read_text() if file.exists() else ""


@pytest.mark.parametrize("kind", [signal.SIGTERM, signal.SIGINT])
def test_impatience_leaves_no_process_behind(tmp_path: Path, kind: signal.Signals) -> None:
    service = Service(site_file(tmp_path), tmp_path / "data")
    service.start()
    until("it runs", lambda: "dsn" in cli_token(service))
    began = time.monotonic()
    for _ in range(5):
        service.interrupt(kind)
        time.sleep(0.1)
    check_ended(service, began, service.stop(60, kind))


def test_a_database_that_hangs_does_not_hold_up_the_end(tmp_path: Path) -> None:
    elsewhere = PrivateServer(tmp_path / "elsewhere")
    service = Service(site_file(tmp_path), tmp_path / "data", ["--dsn", elsewhere.ready()])
    stopped: list[int] = []
    try:
        service.start()
        until("the history is written", lambda: service.http_answers() and not service.trouble("historian"))
        stopped = postgres_under(tmp_path / "elsewhere")
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        time.sleep(3)
        began = time.monotonic()
        check_ended(service, began, service.stop(60))
    finally:
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)
        elsewhere.stop()


def run(site: Path, data: Path, *more: str, mqtt: int | None = None, http: int | None = None) -> tuple[int, str]:
    """A start that is expected to end by itself: exit code and what it said."""
    command: Sequence[str] = [
        sys.executable, "-m", "hazardwatch", "run", str(site), "--data", str(data),
        "--listen", f"127.0.0.1:{mqtt or free_port()}", "--http", f"127.0.0.1:{http or free_port()}", *more,
    ]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("door", ["mqtt", "http"])
def test_a_port_in_use_is_said_in_a_line(tmp_path: Path, door: str) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        code, said = run(site_file(tmp_path), tmp_path / "data", **{door: port})
    assert code == 2, said
    assert f" cannot listen at 127.0.0.1:{port}: address already in use; choose another with --" in said.replace(
        "A", "a"
    )
    assert "Traceback" not in said
    assert not postgres_under(tmp_path)


def test_a_second_service_on_the_same_data_folder_is_told_who_has_it_and_harms_nothing(tmp_path: Path) -> None:
    site = site_file(tmp_path)
    service = Service(site, tmp_path / "data")
    service.start()
    try:
        service.wait_ready()
        code, said = run(site, tmp_path / "data")
        assert code == 2, said
        assert f"is in use by another hazardwatch (process {service.pid})" in said
        assert "Traceback" not in said
        assert service.healthy()
        service.dsn()
    finally:
        assert service.stop() == 0, service.output


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "there is no site file"),
        (b"\x00\xff\xfe rubbish", "site.yaml"),
        (b"schema: [", "site.yaml"),
        (b"", "site.yaml"),
        (b"schema: hazardwatch/site/v1\n", "site"),
    ],
)
def test_a_site_file_that_cannot_be_used_is_said_in_plain_words(
    tmp_path: Path, content: bytes | None, words: str
) -> None:
    site = tmp_path / "site.yaml"
    if content is not None:
        site.write_bytes(content)
    code, said = run(site, tmp_path / "data")
    assert code in (1, 2), said
    assert words in said
    assert "Traceback" not in said
    assert not (tmp_path / "data").exists()


def test_a_data_folder_that_is_a_file_is_said_in_plain_words(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    code, said = run(site_file(tmp_path), tmp_path / "data")
    assert code == 2, said
    assert str(tmp_path / "data") in said
    assert "Traceback" not in said
