"""The log port's share and table where one process has the whole log. They divide nothing and tell nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping


class Whole:
    """See pipeline.log.Share: everything, for ever."""

    def __init__(self, installations: frozenset[str]) -> None:
        self._installations = installations
        self._told = False

    async def owned(self) -> frozenset[str]:
        """See pipeline.log.Share."""
        if self._told:
            await asyncio.Event().wait()
        self._told = True
        return self._installations


class LoneTable:
    """See pipeline.log.Table."""

    def __init__(self) -> None:
        self._values: dict[str, bytes] = {}

    def items(self) -> Mapping[str, bytes]:
        """See pipeline.log.Table."""
        return dict(self._values)

    async def put(self, key: str, value: bytes | None) -> None:
        """See pipeline.log.Table."""
        if value is None:
            self._values.pop(key, None)
        else:
            self._values[key] = value
