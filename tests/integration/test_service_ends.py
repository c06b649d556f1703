"""The service as a process: how it tells that it runs, and how it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.running import ROOT, free_port

SITE = ROOT / "tests" / "sites" / "small.yaml"


@contextmanager
def running(folder: Path, *more: str) -> Iterator[subprocess.Popen[str]]:
    """Without history, which takes longest to start; yields once it says that it runs. SIGINT is ignored before it."""
    ports = [f"127.0.0.1:{free_port()}" for _ in range(2)]
    words = [sys.executable, "-m", "hazardwatch", "run", str(SITE), "--data", str(folder / "data")]
    words += ["--listen", ports[0], "--http", ports[1], "--role", "collector,engine,api", *more]
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        process = subprocess.Popen(words, cwd=ROOT, stderr=subprocess.PIPE, text=True, env=os.environ)
    finally:
        signal.signal(signal.SIGINT, before)
    assert process.stderr is not None
    with process, process.stderr as said:
        try:
            line = next(line for line in said if "hazardwatch runs" in line)
            assert all(port in line for port in ports)
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_can_be_reached_and_a_signal_ends_it_also_in_the_background(
    tmp_path: Path, number: signal.Signals
) -> None:
    with running(tmp_path) as process:
        process.send_signal(number)
        process.send_signal(number)
        assert process.wait(30) == 0
        assert not (tmp_path / "data" / "cli.token").exists()
