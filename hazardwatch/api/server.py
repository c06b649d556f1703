"""Serves the application with uvicorn inside the process's own event loop, and tells the command line where."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from hazardwatch.local_access import LocalAccess, announce, withdraw
from hazardwatch.options import Address
from pipeline.errors import ConfigError


class _Server(uvicorn.Server):
    """Leaves signals to the program, which ends all roles together."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def bind(address: Address) -> socket.socket:
    """The listening socket. Raises ConfigError when the address cannot be had."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    door = socket.socket(family, socket.SOCK_STREAM)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((address.host, address.port))
    except OSError as error:
        door.close()
        raise ConfigError(
            f"HTTP cannot listen at {address}: {error.strerror}; choose another with --http HOST:PORT"
        ) from error
    return door


def url_of(door: socket.socket, address: Address, *, tls: bool) -> str:
    """Where programs of this machine reach the service."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address.host, address.host)  # noqa: S104  # compared, not bound
    return f"{'https' if tls else 'http'}://{Address(host, door.getsockname()[1])}"


async def run(app: FastAPI, door: socket.socket, tls_cert: Path | None = None, tls_key: Path | None = None) -> None:
    """Serve until cancelled; then requests that are being answered get a moment to end. Closes `door`."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        ssl_certfile=tls_cert,
        ssl_keyfile=tls_key,
        timeout_graceful_shutdown=2,
        server_header=False,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve([door]))
    try:
        await asyncio.shield(serving)
    finally:
        server.should_exit = True
        await serving
        door.close()


@asynccontextmanager
async def announced(data: Path, access: LocalAccess) -> AsyncIterator[None]:
    """While inside, the command line finds the service of the data folder."""
    announce(data, access)
    try:
        yield
    finally:
        withdraw(data)
