"""Where a listener stands and whom it lets in: address, TLS, users, limits. Opens nothing."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ingest.limits import Limits
from ingest.passwords import Access
from pipeline.errors import ConfigError

_EXPIRED = 10
"""X509_V_ERR_CERT_HAS_EXPIRED of OpenSSL."""


@dataclass(frozen=True, slots=True)
class Entrance:
    """Where one listener stands and whom it lets in. Without `access` whoever comes in may publish everything."""

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
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"the TLS certificate {certificate} or its key cannot be used: {error}") from error
    if client_ca is not None:
        try:
            context.load_verify_locations(client_ca)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(f"--client-ca: {client_ca} is no certificate authority: {error}") from error
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def common_name(certificate: Mapping[str, Any] | None) -> str | None:
    """Whose a client's certificate is, "" if it does not say; None: none was asked for. As `getpeercert` gives it."""
    if not certificate:
        return None
    names = [value for part in certificate.get("subject", ()) for key, value in part if key == "commonName"]
    return names[0] if len(names) == 1 else ""


def why_no_tls(error: OSError) -> str:
    """A fixed word for a handshake that failed."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return "certificate_expired" if error.verify_code == _EXPIRED else "certificate_refused"
    if isinstance(error, ssl.SSLError) and error.reason == "PEER_DID_NOT_RETURN_A_CERTIFICATE":
        return "no_certificate"
    return "no_tls"
