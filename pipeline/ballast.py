"""A file that only takes up room, given back when the disk is full so that the log can go on for a while.

It does not decide when: the local log asks for the release and, once there is room again, for a new one.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

_CHUNK = 1 << 20


class Ballast:
    """`size` bytes of real blocks (random, so that no file system compresses or leaves them out) at `path`."""

    def __init__(self, path: Path, size: int) -> None:
        self._path = path
        self.size = size

    def present(self) -> bool:
        """The whole ballast is there."""
        try:
            return self.size == 0 or self._path.stat().st_size >= self.size
        except FileNotFoundError:
            return False

    def make(self) -> None:
        """Writes it (a second or so). Raises OSError when there is no room, leaving nothing behind."""
        new = self._path.with_suffix(".new")
        chunk = os.urandom(min(_CHUNK, self.size))
        try:
            with new.open("wb") as file:
                for at in range(0, self.size, _CHUNK):
                    file.write(chunk[: self.size - at])
                file.flush()
                os.fsync(file.fileno())
            new.replace(self._path)
        except OSError:
            with suppress(FileNotFoundError):
                new.unlink()
            raise

    def release(self) -> bool:
        """Gives the room back; True when there was any to give."""
        try:
            self._path.unlink()
        except FileNotFoundError:
            return False
        return True
