"""The contract's native payloads -> readings in Columns, each refusal with a fixed word and a detail.

Pure: bytes and tables in, columns and refusals out. It knows no topics, no clock and no connection.
The usual payload goes through msgspec; what msgspec will not have (NaN, Infinity, 1e999, wrong types)
is read again by the json module, so that every single fault gets its own word and index.
"""

from __future__ import annotations

import json
import math
import reprlib
from array import array
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, TypeGuard

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
_C_SPELLINGS = frozenset(sign + word for sign in (b"", b"-", b"+") for word in (b"nan", b"inf", b"infinity"))
"""What C's printf makes of not-a-number and infinity: no JSON, but plainly a sensor without a value."""


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


class Single(msgspec.Struct):
    """The object form on a point topic; other members are ignored."""

    value: float | bool | str | msgspec.UnsetType | None = msgspec.UNSET
    time: float | str | None = None
    quality: str | None = None


class Named(Single):
    """One element of `readings`."""

    point: str | msgspec.UnsetType = msgspec.UNSET


class Batch(msgspec.Struct):
    """The two forms on an installation topic: `readings`, or `points`, `times` and `values`."""

    readings: list[Named] | msgspec.UnsetType = msgspec.UNSET
    points: list[str] | msgspec.UnsetType = msgspec.UNSET
    times: list[float | str | None] | msgspec.UnsetType = msgspec.UNSET
    values: list[list[float | None]] | msgspec.UnsetType = msgspec.UNSET


_brief = reprlib.Repr()
_brief.maxstring = _brief.maxother = 80
_single = msgspec.json.Decoder(float | bool | str | None | Single)
_batch = msgspec.json.Decoder(Batch)


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
                    raise Refused("unknown_state", f"{_shown(value)} is none of {', '.join(self.states)}")
                return number
        raise Refused("wrong_type", f"{_shown(value)} is no number")

    def add(self, value: object, time: object, quality: object, base: int) -> None:
        """Append one reading. `base` are flags of the whole message. Raises Refused and then adds nothing."""
        number = self.number(value)
        flags = base | quality_of(quality)
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


def _shown(value: object) -> str:
    """What was found, safe to print and short."""
    return _brief.repr(value)


def quality_of(word: object) -> int:
    """The flag bits of a quality word; absent is good. Raises Refused."""
    try:
        return _QUALITIES[word]
    except (KeyError, TypeError):
        raise Refused("unknown_quality", f"{_shown(word)} is none of good, uncertain, bad") from None


def stamp_of(time: object) -> int:
    """Epoch ms of a number (epoch ms; a fraction is cut) or of ISO 8601 text with a zone. Raises Refused."""
    if isinstance(time, str):
        try:
            moment = datetime.fromisoformat(time)
        except ValueError:
            raise Refused("bad_time", f"{_shown(time)} is no ISO 8601 time") from None
        if moment.tzinfo is None:
            raise Refused("no_zone", f"{_shown(time)} has no zone")
        since: timedelta = moment - _EPOCH
        stamp = since.days * 86_400_000 + since.seconds * 1000 + since.microseconds // 1000
    elif isinstance(time, float):
        stamp = int(time) if 0 <= time < LATEST_MS else -1
    else:
        raise Refused("wrong_type", f"{_shown(time)} is no time")
    if not 0 <= stamp < LATEST_MS:
        raise Refused("time_out_of_range", f"{_shown(time)} is not between 1970 and 2100")
    return stamp


def loose_json(payload: bytes) -> Any:
    """Any JSON, with NaN and Infinity, every number as float. Raises Refused."""
    if not payload:
        raise Refused("empty", "the payload is empty")
    try:
        return json.loads(payload.decode(), parse_int=float)
    except (ValueError, RecursionError) as error:
        raise Refused("not_json", f"{str(error)[:100]}") from None


def _number_or_json(payload: bytes) -> Any:
    return _NAN if payload.strip().lower() in _C_SPELLINGS else loose_json(payload)


def _as_single(found: object) -> object:
    if not isinstance(found, dict):
        return found
    return Single(found.get("value", msgspec.UNSET), found.get("time"), found.get("quality"))


def _as_named(found: object) -> object:
    if not isinstance(found, dict):
        return found
    get = found.get
    return Named(get("value", msgspec.UNSET), get("time"), get("quality"), point=get("point", msgspec.UNSET))


def read_single(target: Target, payload: bytes, base: int, refusals: Refusals) -> int:
    """The payload of a point topic; returns the number of readings added (1 or 0)."""
    try:
        if not target.enabled:
            raise Refused("disabled_point", f"{target.columns.ids[target.index]} is disabled")  # noqa: TRY301  # one fate for all faults
        try:
            found: object = _single.decode(payload)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            found = _as_single(_number_or_json(payload))
        if found.__class__ is Single:
            assert isinstance(found, Single)
            target.add(found.value, found.time, found.quality, base)
        else:
            target.add(found, None, None, base)
    except Refused as refused:
        refusals.append(Refusal(refused.reason, refused.detail))
        return 0
    return 1


def read_batch(targets: Mapping[str, Target], payload: bytes, base: int, refusals: Refusals) -> int:
    """The payload of an installation topic; `targets` by point id and alias. Returns the readings added."""
    try:
        batch = _as_batch(payload)
        if isinstance(batch.readings, list):
            return _read_list(batch.readings, targets, base, refusals)
        return _read_columns(batch, targets, base, refusals)
    except Refused as refused:
        refusals.append(Refusal(refused.reason, refused.detail))
        return 0


def _as_batch(payload: bytes) -> Batch:
    try:
        batch = _batch.decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        found = loose_json(payload)
        if not isinstance(found, dict):
            raise Refused("wrong_type", f"{_shown(found)} is no object") from None
        batch = Batch(**{name: found[name] for name in ("readings", "points", "times", "values") if name in found})
        if isinstance(batch.readings, list):
            batch.readings = [_as_named(one) for one in batch.readings]  # type: ignore[misc]  # unchecked on purpose
    if batch.readings is msgspec.UNSET:
        _check_columns(batch)
    elif not isinstance(batch.readings, list) or batch.points is not msgspec.UNSET:
        raise Refused("wrong_shape", "`readings` is to be a list, and the only form in the message")
    return batch


def _check_columns(batch: Batch) -> None:
    parts = (batch.points, batch.times, batch.values)
    if not all(isinstance(part, list) for part in parts):
        raise Refused("wrong_shape", "neither a list `readings` nor lists `points`, `times`, `values`")
    assert isinstance(batch.points, list)
    assert isinstance(batch.values, list)
    if len(batch.points) != len(batch.values):
        raise Refused("wrong_shape", f"{len(batch.points)} points but {len(batch.values)} rows of values")


def target_of(targets: Mapping[str, Target], point: object) -> Target:
    """The target of a point id or alias. Raises Refused."""
    target = targets.get(point) if isinstance(point, str) else None
    if target is None:
        if point is msgspec.UNSET:
            raise Refused("no_point", "the reading names no point")
        raise Refused("unknown_point", f"{_shown(point)} is no point here")
    if not target.enabled:
        raise Refused("disabled_point", f"{_shown(point)} is disabled")
    return target


def _read_list(readings: Sequence[object], targets: Mapping[str, Target], base: int, refusals: Refusals) -> int:
    added = 0
    for at, one in enumerate(readings):
        try:
            if not isinstance(one, Named):
                raise Refused("wrong_type", f"{_shown(one)} is no object")  # noqa: TRY301  # one fate for all faults
            target_of(targets, one.point).add(one.value, one.time, one.quality, base)
        except Refused as refused:
            refusals.append(Refusal(refused.reason, f"readings[{at}]: {refused.detail}", _part(one)))
        else:
            added += 1
    return added


def _part(one: object) -> bytes | None:
    """The refused piece of a batch as JSON, for the dead letter; None stands for the whole payload."""
    if isinstance(one, Named):
        one = {name: getattr(one, name) for name in one.__struct_fields__ if getattr(one, name) is not msgspec.UNSET}
    try:
        return json.dumps(one).encode()
    except RecursionError:
        return None


def _read_columns(batch: Batch, targets: Mapping[str, Target], base: int, refusals: Refusals) -> int:
    assert isinstance(batch.points, list)
    assert isinstance(batch.times, list)
    assert isinstance(batch.values, list)
    stamps = list(_stamps(batch.times, refusals))
    whole = None if None in stamps else _Run(stamps, base)
    added = 0
    for at, (point, row) in enumerate(zip(batch.points, batch.values, strict=True)):
        try:
            target = target_of(targets, point)
            if not isinstance(row, list) or len(row) != len(stamps):
                raise Refused("wrong_shape", f"the row is to hold {len(stamps)} values, one per time")  # noqa: TRY301  # one fate
        except Refused as refused:
            refusals.append(Refusal(refused.reason, f"points[{at}]: {refused.detail}", _part(point)))
            continue
        if whole is not None and _plain(row, target):
            whole.add(target, row)
            added += len(row)
        else:
            faults: Refusals = []
            added += _read_row(row, stamps, target, base, faults)
            refusals += [one._replace(detail=f"values[{at}]{one.detail}") for one in faults]
    return added


def _stamps(times: Sequence[object], refusals: Refusals) -> Iterator[tuple[int, int] | None]:
    """(stamp, flags) of every time; None for a refused one, whose readings are refused with it."""
    for at, time in enumerate(times):
        try:
            yield (0, NO_STAMP) if time is None else (stamp_of(time), 0)
        except Refused as refused:
            refusals.append(Refusal(refused.reason, f"times[{at}]: {refused.detail}", _part(time)))
            yield None


def _plain(row: Sequence[object], target: Target) -> TypeGuard[list[float]]:
    """Whether a row is nothing but finite numbers that need no scaling, so that it goes in one piece."""
    return target.scale is None and set(map(type, row)) == {float} and all(map(math.isfinite, row))  # type: ignore[arg-type]  # only floats reach isfinite


class _Run:
    """The times of a whole columns message, ready to be repeated for every plain row."""

    __slots__ = ("flags", "stamp")

    def __init__(self, stamps: Sequence[tuple[int, int] | None], base: int) -> None:
        self.stamp = array("q", [one[0] for one in stamps if one is not None])
        self.flags = array("B", [base | one[1] for one in stamps if one is not None])

    def add(self, target: Target, row: list[float]) -> None:
        columns = target.columns
        values = array("d", row)
        columns.index.extend(array("H", [target.index]) * len(row))
        columns.stamp.extend(self.stamp)
        columns.value.extend(values)
        columns.flags.extend(self.flags)


def _read_row(
    row: Sequence[object], stamps: Sequence[tuple[int, int] | None], target: Target, base: int, refusals: Refusals
) -> int:
    """One row value by value: null is no reading here."""
    added = 0
    for at, (value, stamped) in enumerate(zip(row, stamps, strict=True)):
        if value is None or stamped is None:
            continue
        try:
            time = None if stamped[1] else float(stamped[0])
            target.add(value, time, None, base)
        except Refused as refused:
            refusals.append(Refusal(refused.reason, f"[{at}]: {refused.detail}", _part(value)))
        else:
            added += 1
    return added
