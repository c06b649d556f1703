"""Starts the historian role, with a private PostgreSQL where no database was named."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

import structlog

from hazardwatch.local_access import announce
from hazardwatch.wiring.process import Process
from historian.private_server import PrivateServer, connection_string
from historian.writer import Historian
from pipeline.errors import ConfigError, Permanent, Transient

ROLE = "historian"
_ALARMS_FIRST_S = 5.0
_log = structlog.get_logger(__name__)


def start(process: Process, private: PrivateServer | None, judging: asyncio.Event | None) -> None:
    """It runs until the process ends. `private` serves where no database was named; `judging` goes before it."""
    historian = Historian(process.log, process.site, _database(process, private))
    process.health.ask(ROLE, lambda: _trouble(historian))
    process.report.owns[ROLE] = lambda: historian.owned
    process.report.lags_s[ROLE] = historian.lag_s
    process.report.values["history"] = lambda: 0.0 if _trouble(historian) else 1.0
    stop = asyncio.Event()
    writing = process.tasks.create_task(_keep_history(historian, stop, judging), name=ROLE)
    process.stack.push_async_callback(_finish, historian, stop, writing)
    if private is not None:
        process.stack.callback(private.give_up)  # first of all: the historian may be waiting for its start


async def _keep_history(historian: Historian, stop: asyncio.Event, judging: asyncio.Event | None) -> None:
    """What the historian cannot get over ends the historian, never the alarms; SYSTEM/history/AWAY says so.

    It begins once alarms are judged, or a little later: after a kill it reads up to ten million readings again.
    """
    if judging is not None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_ALARMS_FIRST_S):
                await judging.wait()
    try:
        await historian.run(stop)
    except (ConfigError, Permanent) as error:
        _log.error("the history is not written any more; alarms go on", error=str(error))
    except Exception:  # noqa: BLE001 - a fault of ours in the history must not silence the alarms
        _log.exception("the history is not written any more; alarms go on")


def _trouble(historian: Historian) -> str | None:
    """Why readings or alarms do not get into the database; None while both do."""
    return next((one.error for one in historian.health().values() if one.error is not None), None)


async def _finish(historian: Historian, stop: asyncio.Event, task: asyncio.Task[None]) -> None:
    """Let the historian finish what it is writing and keep where it is; a crash would only cost it time."""
    stop.set()
    await asyncio.wait({task}, timeout=10)
    historian.cut_off()


def _database(process: Process, private: PrivateServer | None) -> Callable[[], str]:
    """What the historian asks for its database; once a private server is up, the command line hears how to read it."""
    options, access = process.options, process.access
    if private is None:
        return lambda: options.dsn or ""

    def ready() -> str:
        owner = private.ready()
        try:
            announce(options.data, access.with_dsn(connection_string(options.data)))
        except OSError as error:
            raise Transient(f"the command line cannot be told how to read the history: {error}") from error
        return owner

    return ready
