"""The command line against a service on another machine, whose certificate is of the plant's own authority."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from hazardwatch.client import Client
from hazardwatch.local_access import LocalAccess
from pipeline.errors import ConfigError
from tests.certificates import authority, certificate


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"works": true}')

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the standard library's name
        """Nothing."""


@contextmanager
def service(folder: Path) -> Iterator[str]:
    """A server with a certificate of the authority in `folder`; its address."""
    chain, key = certificate(folder, "server")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    with HTTPServer(("127.0.0.1", 0), _Answer) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"https://localhost:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.services
def test_the_authority_that_the_machine_trusts_is_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ca = authority(tmp_path)
    with service(tmp_path) as url:
        monkeypatch.setenv("SSL_CERT_FILE", str(ca))
        with Client(LocalAccess(url=url, token="t")) as client:
            assert client.get("/livez") == {"works": True}


@pytest.mark.services
def test_nobody_elses_certificate_is_trusted(tmp_path: Path) -> None:
    authority(tmp_path)
    with (
        service(tmp_path) as url,
        Client(LocalAccess(url=url, token="t")) as client,
        pytest.raises(ConfigError, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        client.get("/livez")
