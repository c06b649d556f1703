"""A certificate authority and certificates of it, made for one test by the openssl program."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.services import program


def _openssl(*arguments: str) -> None:
    subprocess.run([program("openssl", "openssl"), *arguments], check=True, capture_output=True)


def authority(folder: Path, name: str = "ca") -> Path:
    """The authority's certificate; its key lies beside it."""
    certificate = folder / f"{name}.pem"
    key = folder / f"{name}.key"
    _openssl(
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
        "-subj", f"/CN=test {name}", "-keyout", str(key), "-out", str(certificate),
        "-addext", "keyUsage=critical,keyCertSign,cRLSign",
    )  # fmt: skip
    return certificate


def certificate(folder: Path, name: str, issuer: str = "ca") -> tuple[Path, Path]:
    """(certificate, key) for 127.0.0.1 and localhost, signed by `issuer`."""
    request, key, signed, names = (folder / f"{name}{end}" for end in (".csr", ".key", ".pem", ".ext"))
    _openssl(
        "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
        "-subj", f"/CN={name}", "-keyout", str(key), "-out", str(request),
    )  # fmt: skip
    names.write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\nauthorityKeyIdentifier=keyid\n")
    _openssl(
        "x509", "-req", "-in", str(request), "-CA", str(folder / f"{issuer}.pem"),
        "-CAkey", str(folder / f"{issuer}.key"), "-CAcreateserial",
        "-days", "2", "-out", str(signed), "-extfile", str(names),
    )  # fmt: skip
    return signed, key
