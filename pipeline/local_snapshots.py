"""Snapshots of readers' states as files: the newest two of each owner and installation, each with a checksum.

It does not know what is in them. Everything here blocks; the local log calls it in threads.
"""

from __future__ import annotations

import hashlib
import os
import re
import struct
from contextlib import suppress
from pathlib import Path

import structlog

from pipeline.errors import Transient
from pipeline.local_files import sync_folder
from pipeline.log import Snapshot

_MAGIC = b"HWSNAP01"
_HEADER = struct.Struct("<8sqQ32s")  # magic, position, bytes that follow, SHA-256 of both
_KEPT = 2
_PIECE_BYTES = 8 << 20  # made durable piece by piece, so that the log's own small writes never wait behind 200 MB
_log = structlog.get_logger()


def _stem(owner: str, installation: str) -> str:
    """A safe file name whatever the ids are: a readable part, and a digest that tells all ids apart."""
    digest = hashlib.sha256(f"{len(owner)}:{owner}{installation}".encode()).hexdigest()[:24]
    return f"{re.sub('[^A-Za-z0-9_-]', '_', f'{owner}-{installation}')[:60]}-{digest}"


class Snapshots:
    """The files in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _files(self, owner: str, installation: str) -> list[Path]:
        """Newest (highest position) first."""
        return sorted(self._folder.glob(f"{_stem(owner, installation)}-{'[0-9]' * 20}.snapshot"), reverse=True)

    def save(self, owner: str, installation: str, snapshot: Snapshot) -> None:
        """Durable when it returns; then the third newest and older are gone. Raises Transient."""
        path = self._folder / f"{_stem(owner, installation)}-{snapshot.position:020d}.snapshot"
        new = path.with_suffix(".new")
        digest = _digest(snapshot)
        try:
            if not self._folder.exists():
                self._folder.mkdir()
                sync_folder(self._folder.parent)
            try:
                with new.open("wb", buffering=0) as file:
                    file.write(_HEADER.pack(_MAGIC, snapshot.position, len(snapshot.data), digest))
                    rest = memoryview(snapshot.data)
                    while rest:
                        rest = rest[file.write(rest[:_PIECE_BYTES]) :]
                        os.fdatasync(file.fileno())
                    os.fsync(file.fileno())
                new.replace(path)
            finally:
                with suppress(FileNotFoundError):
                    new.unlink()
            sync_folder(self._folder)
            for old in self._files(owner, installation)[_KEPT:]:
                old.unlink()
        except OSError as error:
            raise Transient(f"snapshot {path}: {error}; the one before it stays") from error

    def load(self, owner: str, installation: str) -> Snapshot | None:
        """The newest whole one; a damaged one is reported and passed over. Raises Transient."""
        for path in self._files(owner, installation):
            try:
                snapshot = _read(path)
            except OSError as error:
                raise Transient(f"snapshot {path}: {error}") from error
            if snapshot is not None:
                return snapshot
            _log.error("a snapshot is damaged and is passed over", path=str(path))
        return None


def _read(path: Path) -> Snapshot | None:
    """None when it is damaged. Raises OSError."""
    with path.open("rb", buffering=0) as file:
        header = file.read(_HEADER.size)
        if len(header) < _HEADER.size:
            return None
        magic, position, length, digest = _HEADER.unpack(header)
        data = file.readall()
    snapshot = Snapshot(position, data)
    if magic != _MAGIC or len(data) != length or _digest(snapshot) != digest:
        return None
    return snapshot


def _digest(snapshot: Snapshot) -> bytes:
    digest = hashlib.sha256(b"%d:" % snapshot.position)
    digest.update(snapshot.data)
    return digest.digest()
