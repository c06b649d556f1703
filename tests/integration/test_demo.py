"""The demo as a user meets it: a process without a terminal, its service killed in the middle, ended by ctrl-C."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@contextmanager
def demo_in(data: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """The demo as a process; when a test gives up before its end, it is ended as a user would."""
    command = [sys.executable, "-m", "hazardwatch", "demo", "--data", str(data), *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT) as demo:
        try:
            yield demo
        finally:
            demo.terminate()


def lines_of(demo: subprocess.Popen[str]) -> Iterator[str]:
    """What it tells, as it comes."""
    assert demo.stdout is not None
    return iter(demo.stdout)


def until(lines: Iterator[str], pattern: str, seen: list[str]) -> re.Match[str]:
    """The first line that matches; every line read is added to `seen`."""
    for line in lines:
        seen.append(line.rstrip())
        if found := re.search(pattern, line):
            return found
    pytest.fail(f"the demo ended without {pattern!r}:\n" + "\n".join(seen))


def left_over(data: Path) -> list[str]:
    """Processes that still have something to do with the folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended while we looked
        if str(data) in command and int(process.name) != os.getpid():
            found.append(command)
    return found


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "demo"


def test_a_killed_service_comes_back_with_nothing_missing_and_ctrl_c_leaves_nothing_behind(data: Path) -> None:
    seen: list[str] = []
    with demo_in(data) as demo:
        lines = lines_of(demo)
        pid = int(until(lines, r"running, PID (\d+)", seen)[1])
        until(lines, r"sent .* none missing, none doubled", seen)
        os.kill(pid, signal.SIGKILL)
        until(lines, r"signal 9 \(SIGKILL\)", seen)
        assert int(until(lines, r"running, PID (\d+)", seen)[1]) != pid
        until(lines, r"All [\d,]+ readings since the start are in the database, each once", seen)
        if not any("SMS Li Wei" in line for line in seen):
            until(lines, r"SMS Li Wei", seen)
        demo.send_signal(signal.SIGINT)
        rest = list(lines)
        assert demo.wait(60) == 0, rest
    assert "none missing, none doubled" in rest[-2]
    assert left_over(data) == []


def test_a_second_start_finds_its_history_and_ends_by_itself(data: Path) -> None:
    for run in (1, 2):
        with demo_in(data, "--for", "8s", "--language", "zh-CN") as demo:
            out = list(lines_of(demo))
            assert demo.wait(60) == 0, out
        assert any("以往运行的历史" in line for line in out) == (run == 2), out
        assert "不丢失，不重复" in out[-2]
    assert left_over(data) == []


def test_sigterm_ends_it_as_cleanly(data: Path) -> None:
    with demo_in(data) as demo:
        until(lines_of(demo), r"running, PID", [])
        demo.send_signal(signal.SIGTERM)
        rest = list(lines_of(demo))
        assert demo.wait(60) == 0, rest
    assert left_over(data) == []


def test_ending_it_while_the_service_lies_killed_leaves_no_database_behind(data: Path) -> None:
    with demo_in(data) as demo:
        lines, seen = lines_of(demo), list[str]()
        os.kill(int(until(lines, r"running, PID (\d+)", seen)[1]), signal.SIGKILL)
        until(lines, r"signal 9 \(SIGKILL\)", seen)
        demo.send_signal(signal.SIGINT)
        until(lines, r"press Ctrl-C again", seen)
        demo.send_signal(signal.SIGINT)
        rest = list(lines)
        assert demo.wait(60) in (0, 1), rest
    assert left_over(data) == []
