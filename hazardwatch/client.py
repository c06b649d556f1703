"""The command line's side of the HTTP interface. Every failure becomes words that say what to do next."""

from __future__ import annotations

import os
import re
import ssl
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from hazardwatch.local_access import LocalAccess, find
from pipeline.errors import ConfigError

_WAIT_S = 15.0  # longer than the service itself waits for a command to be judged


def access(data: Path, url: str | None, token_file: Path | None) -> LocalAccess:
    """The service of `data`, or the one at `url` with the token given for it. Raises ConfigError."""
    if url is None:
        return find(data)
    token = token_file.read_text(encoding="utf-8").strip() if token_file else os.environ.get("HAZARDWATCH_TOKEN", "")
    if not re.fullmatch(r"[\x21-\x7e]+", token):
        raise ConfigError(
            "--url needs a token: put it into HAZARDWATCH_TOKEN or a file for --token-file "
            "(`hazardwatch token create NAME --role operator` beside the service makes one)"
        )
    return LocalAccess(url=url, token=token)


class Client:
    """One service. Use as a context manager."""

    def __init__(
        self, access: LocalAccess, transport: httpx.BaseTransport | None = None, wait_s: float = _WAIT_S
    ) -> None:
        self._url = access.url.rstrip("/")
        try:
            self._http = httpx.Client(
                base_url=self._url,
                headers={"Authorization": f"Bearer {access.token}"},
                timeout=wait_s,
                # Without a certificate of its own: whom this machine trusts, so also a plant's own authority.
                verify=_pinned(access.certificate) if access.certificate else ssl.create_default_context(),
                transport=transport,
                trust_env=False,  # a proxy has no business between a plant and its alarms
            )
        except (httpx.InvalidURL, ValueError, ssl.SSLError) as error:
            raise ConfigError(f"{access.url} cannot be used: {error}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._http.close()

    def get(self, path: str, accept: tuple[int, ...] = (200,), **query: str | None) -> Any:
        """The answer's JSON; None for an accepted 404."""
        return self._ask("GET", path, accept, params={key: value for key, value in query.items() if value is not None})

    def post(self, path: str, body: dict[str, Any], accept: tuple[int, ...] = (200,)) -> Any:
        """The answer's JSON."""
        return self._ask("POST", path, accept, json=body)

    def _ask(self, method: str, path: str, accept: tuple[int, ...], **more: Any) -> Any:
        try:
            answer = self._http.request(method, path, **more)
        except (httpx.TransportError, httpx.UnsupportedProtocol) as error:
            raise ConfigError(
                f"the service at {self._url} does not answer ({error}): is `hazardwatch run` up, and this its address?"
            ) from error
        if answer.status_code not in accept:
            raise ConfigError(_refusal(answer, self._url))
        if answer.status_code == 404:
            return None
        try:
            return answer.json()
        except ValueError as error:
            raise ConfigError(f"{self._url} does not answer as hazardwatch does: is this its address?") from error


def _pinned(certificate: str) -> ssl.SSLContext:
    """Trusts exactly the service's own certificate, whatever name it is for: its file came from the data folder."""
    context = ssl.create_default_context(cafile=certificate)
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.check_hostname = False
    return context


def _refusal(answer: httpx.Response, url: str) -> str:
    try:
        detail = answer.json()["detail"]
    except (ValueError, KeyError, TypeError):
        return f"{url} answered {answer.status_code}, not as hazardwatch does: is this its address?"
    if isinstance(detail, list):  # what FastAPI says of each wrong field
        return "; ".join(f"{'.'.join(map(str, one['loc'][1:]))}: {one['msg']}" for one in detail)
    return str(detail)
