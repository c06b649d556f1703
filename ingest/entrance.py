"""Where a listener stands and whom it lets in: address, TLS, users, limits. Opens nothing."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from pathlib import Path

from ingest.limits import Limits
from ingest.passwords import Access
from pipeline.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Entrance:
    """Where one listener stands and whom it lets in. Without `access` everybody may publish everything."""

    host: str
    port: int
    access: Access | None = None
    tls: ssl.SSLContext | None = None
    limits: Limits = field(default_factory=Limits)


def tls_context(certificate: Path, key: Path, client_ca: Path | None = None) -> ssl.SSLContext:
    """TLS 1.2 or newer; with `client_ca` every client must show a certificate of it. Raises ConfigError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key)
        if client_ca is not None:
            context.load_verify_locations(client_ca)
            context.verify_mode = ssl.CERT_REQUIRED
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"the TLS certificate {certificate} or its key cannot be used: {error}") from error
    return context
