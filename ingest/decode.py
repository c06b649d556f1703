"""The contract's native payloads -> readings in Columns, each refusal with a fixed word and a detail.

Pure: bytes and tables in, columns and refusals out. It knows no topics, no clock and no connection.
The usual payload goes through msgspec; what msgspec will not have (NaN, Infinity, 1e999, wrong types)
is read again by the json module, so that every single fault gets its own word and index.
"""

from __future__ import annotations

import json
import math
from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeGuard

import msgspec

from ingest.reading import Refusal, Refusals, Refused, Target, loose_json, shown, stamp_of, target_of
from pipeline.model import NO_STAMP

_NAN = math.nan
_MOST_TOLD = 100
"""Refused pieces of one message told in full; to write out 100,000 of them would hold up every other device."""
_C_SPELLINGS = frozenset(sign + word for sign in (b"", b"-", b"+") for word in (b"nan", b"inf", b"infinity"))
"""What C's printf makes of not-a-number and infinity: no JSON, but plainly a sensor without a value."""


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


_single = msgspec.json.Decoder(float | bool | str | None | Single)
_batch = msgspec.json.Decoder(Batch)


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
    """The payload of the topic of an enabled point; returns the number of readings added (1 or 0)."""
    try:
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
            raise Refused("wrong_type", f"{shown(found)} is no object") from None
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


def _read_list(readings: Sequence[object], targets: Mapping[str, Target], base: int, refusals: Refusals) -> int:
    added = 0
    for at, one in enumerate(readings):
        try:
            if not isinstance(one, Named):
                raise Refused("wrong_type", f"{shown(one)} is no object")  # noqa: TRY301  # one fate for all faults
            target_of(targets, one.point).add(one.value, one.time, one.quality, base)
        except Refused as refused:
            _refuse(refusals, refused, f"readings[{at}]", one)
        else:
            added += 1
    return added


def _refuse(refusals: Refusals, refused: Refused, place: str, one: object) -> None:
    if len(refusals) < _MOST_TOLD:
        refusals.append(Refusal(refused.reason, f"{place}: {refused.detail}", _part(one)))
    else:
        refusals.append(Refusal(refused.reason, f"{place}, one of very many in one message", b""))


def _part(one: object) -> bytes | None:
    """The refused piece of a batch as JSON, for the dead letter; None stands for the whole payload."""
    if isinstance(one, Named):
        fields = {"point": one.point, "value": one.value, "time": one.time, "quality": one.quality}
        one = {
            name: it for name, it in fields.items() if it is not msgspec.UNSET and (it is not None or name == "value")
        }
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
            _refuse(refusals, refused, f"points[{at}]", point)
            continue
        if whole is not None and _plain(row, target):
            whole.add(target, row)
            added += len(row)
        else:
            added += _read_row(at, row, stamps, target, base, refusals)
    return added


def _stamps(times: Sequence[object], refusals: Refusals) -> Iterator[tuple[int, int] | None]:
    """(stamp, flags) of every time; None for a refused one, whose readings are refused with it."""
    for at, time in enumerate(times):
        try:
            yield (0, NO_STAMP) if time is None else (stamp_of(time), 0)
        except Refused as refused:
            _refuse(refusals, refused, f"times[{at}]", time)
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
    number: int,
    row: Sequence[object],
    stamps: Sequence[tuple[int, int] | None],
    target: Target,
    base: int,
    refusals: Refusals,
) -> int:
    """Row `number` value by value: null is no reading here."""
    added = 0
    for at, (value, stamped) in enumerate(zip(row, stamps, strict=True)):
        if value is None or stamped is None:
            continue
        try:
            time = None if stamped[1] else float(stamped[0])
            target.add(value, time, None, base)
        except Refused as refused:
            _refuse(refusals, refused, f"values[{number}][{at}]", value)
        else:
            added += 1
    return added
