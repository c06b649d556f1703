"""The plant that all benchmarks share: its site file, and the MQTT frames its devices would send. Opens nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

INSTALLATION = "P1"
HH, ABOVE_HH = 90, b"95.00"
_RATE = "rising: 500, falling: 500, per: 1min, window: 60s, priority: low"
_STAMP = b"1700000000000"
_VALUE = b"50.00"
_ROOT = f"hazardwatch/v1/{INSTALLATION}".encode()


def point_id(number: int) -> str:
    """Always seven letters, so that all frames of a kind are equally long."""
    return f"T-{number:05d}"


def site_text(
    points: int,
    *,
    rate: bool = False,
    webhook: str | None = None,
    site: str = "bench",
    installations: Sequence[str] = (INSTALLATION,),
) -> str:
    """Installations of `points` each, every one with HH H L LL (no delays), and `rate` over 60 s if asked for."""
    levels = f"HH: {{setpoint: {HH}, deadband: 1}}, H: {{setpoint: 85, deadband: 1}}"
    levels += ", L: {setpoint: 15, deadband: 1}, LL: {setpoint: 10, deadband: 1}"
    alarms = levels + (f", fast: {{type: rate, {_RATE}}}" if rate else "")
    lines = [
        "schema: hazardwatch/site/v1",
        f"site: {{id: {site}, name: {{en: Bench, zh-CN: 测速}}, timezone: UTC, language: en}}",
        "installations:",
    ]
    for installation in installations:
        lines.append(f"  - id: {installation}\n    name: {{en: Plant, zh-CN: 装置}}\n    owner: desk\n    points:")
        for number in range(points):
            id_ = point_id(number)
            lines.append(
                f"      - {{id: {id_}, name: {{en: {id_}, zh-CN: {id_}}}, quantity: temperature, unit: °C, "
                f"range: [0, 100], period: 1s, stale_after: 5min, alarms: {{{alarms}}}}}"
            )
    lines.append("positions: [{id: desk, level: post, people: [li.wei]}]")
    lines.append('people: [{id: li.wei, name: 李伟, phone: "+8613800000001"}]')
    lines.append(f"channels: {{hook: {{type: webhook, url: '{webhook}'}}}}" if webhook else "channels: {}")
    lines.append(f"notify: {{always: [{'hook' if webhook else ''}], escalations: []}}")
    return "\n".join(lines) + "\n"


def write_site(
    folder: Path,
    points: int,
    *,
    rate: bool = False,
    webhook: str | None = None,
    site: str = "bench",
    installations: Sequence[str] = (INSTALLATION,),
) -> Path:
    """The site file, in `folder`."""
    path = folder / f"{site}.yaml"
    text = site_text(points, rate=rate, webhook=webhook, site=site, installations=installations)
    path.write_text(text, encoding="utf-8")
    return path


def _length(size: int) -> bytes:
    out = b""
    while True:
        size, low = size >> 7, size & 0x7F
        out += bytes([low | (0x80 if size else 0)])
        if not size:
            return out


def publish(topic: bytes, payload: bytes) -> bytes:
    """An MQTT 3.1.1 PUBLISH with QoS 1 and packet identifier 1."""
    body = len(topic).to_bytes(2, "big") + topic + b"\0\1" + payload
    return b"\x32" + _length(len(body)) + body


@dataclass(frozen=True, slots=True)
class Shape:
    """What one message looks like: `points` and `times` of a message; `form` single, readings or columns."""

    form: str
    points: int = 1
    times: int = 1

    @property
    def readings(self) -> int:
        """Of one message."""
        return self.points * self.times


SHAPES = {
    "single": Shape("single"),
    "readings": Shape("readings", 50),
    "columns": Shape("columns", 100, 10),
}


def _payload(shape: Shape, points: list[int]) -> bytes:
    stamp, value = _STAMP.decode(), _VALUE.decode()
    if shape.form == "single":
        return f'{{"value":{value},"time":{stamp}}}'.encode()
    if shape.form == "readings":
        inside = ",".join(f'{{"point":"{point_id(one)}","value":{value},"time":{stamp}}}' for one in points)
        return f'{{"readings":[{inside}]}}'.encode()
    names = json.dumps([point_id(one) for one in points], separators=(",", ":"))
    row = "[" + ",".join([value] * shape.times) + "]"
    rows = ",".join([row] * len(points))
    return f'{{"points":{names},"times":[{",".join([stamp] * shape.times)}],"values":[{rows}]}}'.encode()


class Frames:
    """PUBLISH frames of some points, one row of bytes each, whose stamps, values and identifiers can be set at once."""

    def __init__(self, shape: Shape, points: range) -> None:
        self.shape = shape
        frames = [_frame(shape, list(some)) for some in _cut(points, shape.points)]
        self.bytes = np.frombuffer(b"".join(frames), np.uint8).reshape(len(frames), -1).copy()
        first = frames[0]
        self.identifier = first.index(b"\0\1", 4)  # no topic holds these bytes
        self.stamps = _places(first, _STAMP)
        self.values = _places(first, _VALUE)

    def __len__(self) -> int:
        return len(self.bytes)

    def number(self, rows: slice, first: int) -> None:
        """Packet identifiers from `first` on, 1 to 65535 and round again."""
        some = self.bytes[rows, self.identifier : self.identifier + 2]
        numbers = ((np.arange(first, first + len(some)) % 65_535) + 1).astype(">u2")
        some[:] = numbers.view(np.uint8).reshape(-1, 2)

    def stamp(self, rows: slice, stamps: list[int]) -> None:
        """One stamp (epoch ms) for each time of a message; a `single` or `readings` message has one for all."""
        for at, place in enumerate(self.stamps):
            digits = np.frombuffer(b"%d" % stamps[at % len(stamps)], np.uint8)
            self.bytes[rows, place : place + len(digits)] = digits

    def scatter(self, rows: slice, values: NDArray[np.uint8]) -> None:
        """Other values: `values` is (any, 5) of digits; each frame takes one for all its values."""
        some = self.bytes[rows]
        picked = values[: len(some)]
        for place in self.values:
            some[:, place : place + 5] = picked


def _cut(points: range, size: int) -> Iterator[range]:
    for at in range(0, len(points), size):
        some = points[at : at + size]
        if len(some) == size:
            yield some


def _frame(shape: Shape, points: list[int]) -> bytes:
    topic = _ROOT + b"/" + point_id(points[0]).encode() if shape.form == "single" else _ROOT
    return publish(topic, _payload(shape, points))


def _places(frame: bytes, word: bytes) -> list[int]:
    found, at = [], frame.find(word)
    while at >= 0:
        found.append(at)
        at = frame.find(word, at + 1)
    return found


def quiet_values(count: int) -> NDArray[np.uint8]:
    """`count` values between the limits as five digits each, by a fixed seed; shape (count, 5)."""
    drawn = np.random.default_rng(20261122).normal(50, 3, count).clip(20, 80)
    return np.frombuffer(b"".join(b"%.2f" % one for one in drawn.tolist()), np.uint8).reshape(count, 5)
