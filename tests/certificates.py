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


def certificate(
    folder: Path, name: str, issuer: str = "ca", names: str = "IP:127.0.0.1,DNS:localhost", *, expired: bool = False
) -> tuple[Path, Path]:
    """(certificate, key) for the host `names`, signed by `issuer`."""
    request, key, signed, extensions = (folder / f"{name}{end}" for end in (".csr", ".key", ".pem", ".ext"))
    _openssl(
        "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
        "-subj", f"/CN={name}", "-keyout", str(key), "-out", str(request),
    )  # fmt: skip
    extensions.write_text(f"subjectAltName={names}\nauthorityKeyIdentifier=keyid\n")
    authority_files = [str(folder / f"{issuer}{end}") for end in (".pem", ".key")]
    if expired:
        _sign_in_the_past(folder, request, signed, extensions, authority_files)
        return signed, key
    _openssl(
        "x509", "-req", "-in", str(request), "-CA", authority_files[0], "-CAkey", authority_files[1],
        "-CAcreateserial", "-days", "2", "-out", str(signed), "-extfile", str(extensions),
    )  # fmt: skip
    return signed, key


def _sign_in_the_past(folder: Path, request: Path, signed: Path, extensions: Path, issuer: list[str]) -> None:
    """Only `openssl ca` can; it wants a register of what it signed."""
    register, settings = folder / "register", folder / "register.cnf"
    register.touch()
    settings.write_text(
        f"[ca]\ndefault_ca=one\n[one]\ndatabase={register}\nnew_certs_dir={folder}\nrand_serial=yes\n"
        "default_md=sha256\npolicy=any\n[any]\ncommonName=supplied\n"
    )
    _openssl(
        "ca", "-batch", "-notext", "-config", str(settings), "-in", str(request), "-out", str(signed),
        "-cert", issuer[0], "-keyfile", issuer[1], "-extfile", str(extensions),
        "-startdate", "20200101000000Z", "-enddate", "20200102000000Z",
    )  # fmt: skip
