"""Starts what follows changes of the configuration in every process, and decides them where SYSTEM is judged."""

from __future__ import annotations

from dataclasses import dataclass

from hazardwatch import config_watch
from hazardwatch.config_file import ConfigFile
from hazardwatch.config_role import ConfigRole
from hazardwatch.engine_role import EngineRole
from hazardwatch.wiring.process import Process
from pipeline.model import SYSTEM


@dataclass(frozen=True, slots=True)
class Configuration:
    """The book of changes as this process reads it, and its own site file."""

    role: ConfigRole
    file: ConfigFile


def start(process: Process, judging: EngineRole | None) -> Configuration:
    """It runs until the process ends. `judging`: this process's engines, if it has that role."""
    made = Configuration(
        ConfigRole(process.log, lambda: judging is not None and judging.judges(SYSTEM)),
        ConfigFile(process.options.site, process.site, process.files),
    )
    process.tasks.create_task(made.role.run(), name="configuration")
    process.tasks.create_task(made.file.watch(), name="site file")
    if judging is not None:
        values = process.report.values
        process.tasks.create_task(config_watch.watch(made.role, made.file, values), name="configuration watch")
    return made
