"""What every role of one process is given, and how its log is opened. Starts no role."""

from __future__ import annotations

import asyncio
import os
import socket
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Protocol

from alerting.lane import Health as Delivery
from hazardwatch import direct_path
from hazardwatch.engine_role import ROLE as ENGINE
from hazardwatch.health import Health
from hazardwatch.local_access import LocalAccess
from hazardwatch.options import ROLES, Options
from hazardwatch.processes import Processes, Report
from pipeline.kafka_access import kafka_of
from pipeline.kafka_log import KafkaLog
from pipeline.local_files import lock
from pipeline.local_log import LocalLog
from pipeline.log import Log
from pipeline.retry import until_done
from pipeline.site import Site


class LogState(Protocol):
    """How a log is, as far as the program asks."""

    @property
    def holes(self) -> int:
        """How often entries were gone before their reader came."""
        ...

    @property
    def refused(self) -> str | None:
        """Why it takes no records now."""
        ...

    @property
    def ballast_missing_bytes(self) -> int:
        """Room on the disk that is to be kept free for the log's ballast."""
        ...


class TendedLog(Log, Protocol):
    """A log that this process looks after."""

    async def tend(self) -> None:
        """A role, for ever."""
        ...

    def health(self) -> LogState:
        """How it is now; cheap."""
        ...


@dataclass(frozen=True, slots=True)
class Process:
    """One process: what was asked for, the site, the log, and where its roles hang themselves up.

    `files`: all that the site was read from. `stack` closes in reverse what roles open; `tasks` are ended before that.
    `door` is HTTP's listening socket.
    """

    options: Options
    site: Site
    files: tuple[str, ...]
    log: TendedLog
    stack: AsyncExitStack
    tasks: asyncio.TaskGroup
    health: Health
    report: Report
    processes: Processes
    access: LocalAccess
    door: socket.socket

    @property
    def expected(self) -> frozenset[str]:
        """Roles that some process must run: all, where others can; alone, what this one leaves out was left out."""
        return self.options.roles if self.options.alone else frozenset(ROLES)


async def open_log(options: Options, site: Site, stack: AsyncExitStack) -> TendedLog:
    """In the data folder, or in Kafka, whose return is waited for. Raises ConfigError.

    Where alarms are to be judged here, people are told when Kafka does not come.
    """
    if options.kafka is None:
        return await stack.enter_async_context(LocalLog.open(options.log_folder))
    stack.callback(lock(options.data).close)
    access = kafka_of(options.kafka, os.environ, options.kafka_files)
    why = f"Kafka at {access}"
    opening = until_done(why, lambda: stack.enter_async_context(KafkaLog.open(access, site.id)))
    if ENGINE not in options.roles:
        return await opening
    return await direct_path.opened(opening, site, Delivery(), f"{why} is not there yet")
