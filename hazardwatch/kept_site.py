"""Keeps what a site file came to beside the data, so that starting again with the same file need not read it again.

A file of 10,000 points takes twenty seconds to read and check, and nobody watches the plant meanwhile. What is kept
counts only for the very same bytes of all its files, read by the very same program; whatever else is found there is
passed over. It checks no site itself.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

import msgspec
import structlog

import pipeline
from alerting.channels import CHANNELS
from hazardwatch.local_access import write_private
from pipeline.site import Site
from pipeline.site_files import state_of
from pipeline.site_record import joined, parts_of, site_of
from rules.table import JUDGED_KINDS

FILE = "site.kept"
_DIGEST_BYTES = 32
_LARGE_BYTES = 256 * 1024
_log = structlog.get_logger(__name__)
_READ_BY = ("PyYAML", "pydantic", "msgspec")


class _Kept(msgspec.Struct):
    """`of` is the digest of the program that read it, `files` the state of each file and folder it was read from.

    `site` has no installations, they are in `parts`.
    """

    of: bytes
    files: dict[str, bytes]
    site: Site
    parts: list[bytes]
    warnings: list[str]


class Read(NamedTuple):
    """A site and its warnings; `parts` are what decoding its CONFIG records gives for as long as they are held.

    `files`: every file and folder it was read from.
    """

    site: Site
    warnings: list[str]
    parts: list[Site]
    files: tuple[str, ...]


def kept_site(path: Path, data: Path) -> Read:
    """The site of the file `path`, as `sound_site` reads it; kept in the folder `data` for the next start.

    Raises ConfigError as `sound_site` does.
    """
    if not path.is_file():
        _read(path, b"")  # says so
    of = _digest(str(path).encode(), _program())
    kept = _load(data / FILE)
    if kept is not None and kept.of == of and all(state_of(name) == was for name, was in kept.files.items()):
        return _put_together(kept)
    # what it includes may be large
    alone = path.stat().st_size < _LARGE_BYTES and b"include:" not in path.read_bytes()
    packed = _read(path, of) if alone else _read_apart(path, of)
    try:
        write_private(data / FILE, _digest(packed) + packed)
    except OSError as error:  # a full disk makes the next start slow, not this one fail
        _log.warning("what the site file came to is not kept; the next start reads it again", error=str(error))
    return _put_together(msgspec.msgpack.decode(packed, type=_Kept))


def _put_together(kept: _Kept) -> Read:
    parts = [site_of(part) for part in kept.parts]
    return Read(joined(kept.site, parts), kept.warnings, parts, tuple(kept.files))


def _read(path: Path, of: bytes) -> bytes:
    # YAML and its models: a start with a kept site need not wait for them.
    from hazardwatch.sites import read_sound  # noqa: PLC0415

    site, warnings, files = read_sound(path)
    bare = msgspec.structs.replace(site, installations=())
    return msgspec.msgpack.encode(_Kept(of, dict(files), bare, parts_of(site), warnings))


def _read_apart(path: Path, of: bytes) -> bytes:
    """In a process of its own, because what reading took (700 MB for 10,000 points) is given back only by its end."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("fork")) as reading:
        return reading.submit(_read, path, of).result()


def _load(file: Path) -> _Kept | None:
    """None when there is none, or it is not what was written: a limit with a flipped bit must never be judged by."""
    try:
        held = file.read_bytes()
    except OSError:  # most often: none there yet
        return None
    packed = held[_DIGEST_BYTES:]
    if _digest(packed) != held[:_DIGEST_BYTES]:
        return None
    try:
        return msgspec.msgpack.decode(packed, type=_Kept)
    except msgspec.MsgspecError:  # of another version
        return None


def _program() -> bytes:
    """A digest of all that reads and checks a site file: our own sources, the libraries, the tables."""
    folder = Path(pipeline.__file__ or "").parent
    sources = [folder / "site.py", folder / "site_files.py", *sorted((folder / "sitefile").rglob("*.py"))]
    versions = [sys.version, *(f"{name} {importlib.metadata.version(name)}" for name in _READ_BY)]
    tables = [*sorted(JUDGED_KINDS), *sorted(CHANNELS)]
    return _digest(*(source.read_bytes() for source in sources), *(word.encode() for word in versions + tables))


def _digest(*parts: bytes) -> bytes:
    digest = hashlib.blake2b(digest_size=_DIGEST_BYTES)
    for part in parts:
        digest.update(b"%d:" % len(part))
        digest.update(part)
    return digest.digest()
