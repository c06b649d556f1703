"""Starts what answers over HTTP: health and metrics in every process, what stands and commands with the api role."""

from __future__ import annotations

from hazardwatch.api import server
from hazardwatch.api.app import create_app, create_health_app
from hazardwatch.api.board import Board
from hazardwatch.api.config_desk import ConfigDesk
from hazardwatch.api.desk import Desk
from hazardwatch.api.tokens import Tokens
from hazardwatch.wiring.configuration import Configuration
from hazardwatch.wiring.process import Process
from pipeline.clock import now_ms

ROLE = "api"


def start(process: Process, changes: Configuration) -> None:
    """It runs until the process ends."""
    options, health = process.options, process.health
    if ROLE in options.roles:
        board = Board(process.site)
        health.ask(ROLE, lambda: board.trouble(now_ms()))
        tokens = Tokens(options.data, process.access.token)
        config_desk = ConfigDesk(process.log, changes.role, changes.file)
        app = create_app(board, Desk(process.log, board), health, tokens, process.processes, config_desk)
        process.tasks.create_task(board.follow(process.log), name="board")
    else:
        app = create_health_app(health)
    process.tasks.create_task(server.run(app, process.door, options.tls_cert, options.tls_key), name=ROLE)
