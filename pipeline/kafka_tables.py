"""The tables of a site, as the records of its compacted topic say. Every process holds all of them in memory."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

_BETWEEN = "\0"


def key_of(table: str, key: str) -> str:
    """A record's key. Table names have no NUL."""
    return f"{table}{_BETWEEN}{key}"


class Tables:
    """All that was heard. Pure."""

    def __init__(self) -> None:
        self._tables: dict[str, dict[str, bytes]] = {}

    def take(self, record_key: str, value: bytes | None) -> None:
        """One record, in order. Raises ValueError for a key that is none of ours."""
        table, between, key = record_key.partition(_BETWEEN)
        if not between:
            raise ValueError("the key of a table's record names no table")
        values = self._tables.setdefault(table, {})
        if value is None:
            values.pop(key, None)
        else:
            values[key] = value

    def items(self, table: str) -> Mapping[str, bytes]:
        """One table."""
        return MappingProxyType(self._tables.setdefault(table, {}))


class KafkaTable:
    """See pipeline.log.Table. `put` writes a record and returns when it was heard."""

    def __init__(self, tables: Tables, name: str, put: Callable[[str, bytes | None], Awaitable[None]]) -> None:
        self._tables = tables
        self._name = name
        self._put = put

    def items(self) -> Mapping[str, bytes]:
        """See pipeline.log.Table."""
        return dict(self._tables.items(self._name))

    async def put(self, key: str, value: bytes | None) -> None:
        """See pipeline.log.Table."""
        await self._put(key_of(self._name, key), value)
