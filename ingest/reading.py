"""One reading: its value, time and quality checked and put into Columns, or Refused with a fixed word.

Pure. It knows no payload forms: `decode` and `mapped` find the parts, this says what they mean.
"""

from __future__ import annotations

import json
import math
import reprlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from ingest.columns import Columns
from pipeline.model import NO_STAMP, Quality

LATEST_MS = 4_102_444_800_000
"""2100-01-01T00:00:00Z; stamps lie in [1970, 2100)."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAN = math.nan
_QUALITIES: dict[object, int] = {
    None: Quality.GOOD.value,
    "good": Quality.GOOD.value,
    "uncertain": Quality.UNCERTAIN.value,
    "bad": Quality.BAD.value,
}


_brief = reprlib.Repr()
_brief.maxstring = _brief.maxother = 80


class Refused(Exception):
    """A reading (or a whole payload) is not taken: a fixed word, and what was found."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail


class Refusal(NamedTuple):
    """One refused reading of a payload; `detail` begins with its index in a batch, `part` is its JSON there."""

    reason: str
    detail: str
    part: bytes | None = None


Refusals = list[Refusal]
"""What a reader adds its refusals to."""


class Target:
    """Where readings of one point go, and what is done to them on the way.

    `scale` is (from_low, from_high, low, high) of the site's `raw`; `states` the names of a state point's numbers.
    """

    __slots__ = ("columns", "enabled", "index", "scale", "states")

    def __init__(
        self,
        columns: Columns,
        index: int,
        *,
        enabled: bool = True,
        scale: tuple[float, float, float, float] | None = None,
        states: Mapping[str, float] | None = None,
    ) -> None:
        self.columns = columns
        self.index = index
        self.enabled = enabled
        self.scale = scale
        self.states = states

    def number(self, value: object) -> float:
        """The value in the point's unit; NaN for what is no finite number. Raises Refused for other types."""
        if value.__class__ is not float:
            value = self._other(value)
        assert isinstance(value, float)
        if self.scale is not None:
            from_low, from_high, low, high = self.scale
            value = low + (value - from_low) * (high - low) / (from_high - from_low)
        return value if -math.inf < value < math.inf else _NAN

    def _other(self, value: object) -> float:
        if value is None:
            return _NAN
        if value is msgspec.UNSET:
            raise Refused("no_value", "the reading has no value")
        if self.states is not None:
            if value.__class__ is bool:
                return 1.0 if value else 0.0
            if isinstance(value, str):
                number = self.states.get(value)
                if number is None:
                    raise Refused("unknown_state", f"{shown(value)} is none of {', '.join(self.states)}")
                return number
        raise Refused("wrong_type", f"{shown(value)} is no number")

    def add(self, value: object, time: object, quality: object, base: int) -> None:
        """Append one reading. `base` are flags of the whole message. Raises Refused and then adds nothing."""
        number = self.number(value)
        flags = base if quality is None else base | quality_of(quality)
        stamp = 0
        if time is None:
            flags |= NO_STAMP
        else:
            stamp = stamp_of(time)
        columns = self.columns
        columns.index.append(self.index)
        columns.stamp.append(stamp)
        columns.value.append(number)
        columns.flags.append(flags)


def shown(value: object) -> str:
    """What was found, safe to print and short."""
    return _brief.repr(value)


def quality_of(word: object) -> int:
    """The flag bits of a quality word; absent is good. Raises Refused."""
    try:
        return _QUALITIES[word]
    except (KeyError, TypeError):
        raise Refused("unknown_quality", f"{shown(word)} is none of good, uncertain, bad") from None


def stamp_of(time: object) -> int:
    """Epoch ms of a number (epoch ms; a fraction is cut) or of ISO 8601 text with a zone. Raises Refused."""
    if time.__class__ is float:
        assert isinstance(time, float)
        if 0 <= time < LATEST_MS:
            return int(time)
    elif isinstance(time, str):
        stamp = _iso_stamp(time)
        if 0 <= stamp < LATEST_MS:
            return stamp
    else:
        raise Refused("wrong_type", f"{shown(time)} is no time")
    raise Refused("time_out_of_range", f"{shown(time)} is not between 1970 and 2100")


def _iso_stamp(time: str) -> int:
    try:
        moment = datetime.fromisoformat(time)
    except ValueError:
        raise Refused("bad_time", f"{shown(time)} is no ISO 8601 time") from None
    if moment.tzinfo is None:
        raise Refused("no_zone", f"{shown(time)} has no zone")
    since: timedelta = moment - _EPOCH
    return since.days * 86_400_000 + since.seconds * 1000 + since.microseconds // 1000


def loose_json(payload: bytes) -> Any:
    """Any JSON, with NaN and Infinity, every number as float. Raises Refused."""
    if not payload:
        raise Refused("empty", "the payload is empty")
    try:
        return json.loads(payload.decode(), parse_int=float)
    except (ValueError, RecursionError) as error:
        raise Refused("not_json", f"{str(error)[:100]}") from None


def target_of(targets: Mapping[str, Target], point: object) -> Target:
    """The target of a point id or alias. Raises Refused."""
    target = targets.get(point) if isinstance(point, str) else None
    if target is None:
        if point is msgspec.UNSET:
            raise Refused("no_point", "the reading names no point")
        raise Refused("unknown_point", f"{shown(point)} is no point here")
    if not target.enabled:
        raise Refused("disabled_point", f"{shown(point)} is disabled")
    return target
