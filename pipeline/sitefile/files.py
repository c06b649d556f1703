"""What reading a site of several files asks of the world, and the answer where they all are one text. No disk here."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import Protocol

import msgspec

from pipeline.site_files import MAX_BYTES, YAML, Unreadable

SCHEMA = "hazardwatch/files/v1"
UTF_8 = "UTF-8 text"
_BEGINS = b'{"schema":"' + SCHEMA.encode() + b'"'


class Files(Protocol):
    """Files and folders by name; names are relative to where the main file's name is."""

    def read(self, name: str) -> bytes:
        """What the file holds. Raises Unreadable."""

    def inside(self, folder: str) -> list[str] | None:
        """The YAML files in it and in its folders, in the order of their names; None: it is no folder.

        Raises Unreadable.
        """

    def beside(self, name: str) -> list[str]:
        """What else is in the folder of `name`, for "did you mean"."""

    def same(self, name: str) -> str:
        """What two names of one file have in common."""


class Packed:
    """Files held in memory: name -> text; the first is the main file."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts

    def read(self, name: str) -> bytes:
        """The text's bytes. Raises Unreadable."""
        if name not in self._texts:
            raise Unreadable("no such file", "a file that was sent along")
        return self._texts[name].encode()

    def inside(self, folder: str) -> list[str] | None:
        """As `Files.inside`."""
        found = [name for name in self._texts if name.startswith(f"{folder}/") and name.endswith(YAML)]
        return sorted(found, key=lambda name: name.split("/")) or None

    def beside(self, name: str) -> list[str]:
        """As `Files.beside`."""
        return [posixpath.basename(one) for one in self._texts if posixpath.dirname(one) == posixpath.dirname(name)]

    def same(self, name: str) -> str:
        """A name is a file."""
        return name


class _Pack(msgspec.Struct):
    schema: str
    files: dict[str, str]


def packed(texts: Mapping[str, str]) -> bytes:
    """All files of a site as one text, the main file first; `unpacked` is the inverse."""
    return msgspec.json.encode(_Pack(SCHEMA, dict(texts)))


def unpacked(data: bytes) -> dict[str, str] | None:
    """The files, name -> text; None: it is no such text but a file itself. Raises Unreadable."""
    if not data.startswith(_BEGINS):
        return None
    try:
        files = msgspec.json.decode(data, type=_Pack).files
    except msgspec.MsgspecError as error:
        raise Unreadable(f"files in one text that cannot be told apart ({error})", f"what {SCHEMA} is") from error
    if not files:
        raise Unreadable("no file in it", "a site file")
    return files


def text_of(data: bytes) -> str:
    """A file's text, with or without a byte order mark. Raises Unreadable."""
    if len(data) > MAX_BYTES:
        raise Unreadable(f"{len(data)} bytes", f"at most {MAX_BYTES} bytes")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        found = f"in line {line} a byte that is not UTF-8 (0x{data[error.start]:02X})"
        raise Unreadable(found, UTF_8) from error


def named(entry: str, by: str) -> str:
    """The name of what the file `by` calls `entry`: relative to that file."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(by), entry))
