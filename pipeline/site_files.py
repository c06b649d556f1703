"""The files and folders of this machine, as a site made of several files asks for them. It reads no YAML.

It stands outside pipeline.sitefile so that a start with a kept site needs none of that.
"""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path

YAML = (".yaml", ".yml")
MAX_BYTES = 64 * 1024 * 1024
MAX_ENTRIES = 100_000


class Unreadable(Exception):
    """A file that cannot be read: what was found, and what was expected."""

    def __init__(self, found: str, expected: str) -> None:
        super().__init__(found)
        self.found = found
        self.expected = expected


class Disk:
    """The files of this machine. `held`: what was read, by name.

    `asked`: every file and folder that was looked for, in that order, with what `state_of` said of it then.
    """

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}
        self.asked: dict[str, bytes] = {}

    def read(self, name: str) -> bytes:
        """What the file holds; no pipes, no devices, nothing beyond MAX_BYTES. Raises Unreadable."""
        self.asked[name] = b""
        try:
            found = Path(name).stat()
            if not stat.S_ISREG(found.st_mode):
                raise Unreadable("a folder" if stat.S_ISDIR(found.st_mode) else "no plain file", "a file")
            if found.st_size > MAX_BYTES:
                raise Unreadable(f"{found.st_size} bytes", f"at most {MAX_BYTES} bytes")
            self.held[name] = Path(name).read_bytes()
            self.asked[name] = _digest(self.held[name])
        except FileNotFoundError as error:
            raise Unreadable("no such file", "a file") from error
        except OSError as error:
            raise Unreadable(error.strerror or "an unreadable file", "a readable file") from error
        return self.held[name]

    def inside(self, folder: str) -> list[str] | None:
        """The YAML files in it and in its folders, in the order of their names; None: it is no folder.

        A folder that is met again (by a link) is not gone into again, hidden ones never are. Raises Unreadable.
        """
        if not Path(folder).is_dir():
            return None
        found: list[str] = []
        try:
            self._walk(Path(folder), found, set())
        except OSError as error:
            raise Unreadable(f"{error.filename}: {error.strerror}", "a readable folder") from error
        return found

    def _walk(self, folder: Path, found: list[str], seen: set[Path]) -> None:
        names = _names(folder)
        self.asked[str(folder)] = _digest("\n".join(names).encode())
        seen.add(folder.resolve())
        for path in (folder / name for name in names if not name.startswith(".")):
            if len(found) + len(seen) > MAX_ENTRIES:
                raise Unreadable(f"more than {MAX_ENTRIES} files and folders", "the folder of a site")
            if path.is_dir():
                if path.resolve() not in seen:
                    self._walk(path, found, seen)
            elif path.name.endswith(YAML):
                found.append(str(path))

    def beside(self, name: str) -> list[str]:
        """What is in the folder of `name`; nothing where there is no such folder."""
        try:
            return _names(Path(name).parent)
        except OSError:  # it is only for "did you mean"
            return []

    def same(self, name: str) -> str:
        """The name without links."""
        return str(Path(name).resolve())


def state_of(name: str) -> bytes:
    """What tells one content of a file, or one listing of a folder, from another; empty when neither can be read."""
    path = Path(name)
    try:
        return _digest("\n".join(_names(path)).encode() if path.is_dir() else path.read_bytes())
    except OSError:  # gone, or not ours to read: as good as absent
        return b""


def _names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=16).digest()
