"""What became of the readings and alarms of one fault: counted in the history, at the receiver, and in time.

It compares with what the plant sent and with the plant's own five lines of what must come of that.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime

import psycopg

from pipeline.outside import ms_of
from tests.faults.park import Park
from tests.faults.plant import Alarm, Key, Reading, expected
from tests.plant_on_kafka import read_story
from tests.traffic import now_ms, until

_GRACE_MS = 2_000
_LOOKS = 20
_CALM_S = 4.0
_STEP_S = 0.5
PATIENCE_S = 300.0

_READINGS = """select installation, point, (extract(epoch from time) * 1000)::bigint, count(*) from hazardwatch.readings
    where time > %s and time <= %s and point in ('LT', 'PT') and installation like 'T%%' group by 1, 2, 3"""
_OLDEST = """select (extract(epoch from min(newest)) * 1000)::bigint from (select max(time) as newest
    from hazardwatch.readings where point = 'LT' and installation like 'T%' group by installation) each"""
_EVENTS = """select alarm, event, (extract(epoch from time) * 1000)::bigint, event_id from hazardwatch.alarm_events
    where time > %s and time <= %s and alarm like 'T%%/LT/HH' order by seq"""


@dataclass(slots=True)
class Outcome:
    """One row of the table. `fault` aside, all counted; `faults` are what must not be."""

    name: str
    what: str
    readings_in: int = 0
    readings_out: int = 0
    readings_doubled: int = 0
    expected: int = 0
    got: int = 0
    doubled: int = 0
    messages: int = 0
    messages_doubled: int = 0
    whole_s: float | None = None
    slowest_s: float = 0.0
    note: str = ""
    wrong: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Judge:
    """Goes through a run from one fault to the next. `standing`: alarms on where it has come to."""

    park: Park
    after: int = 0
    first: int = 0
    standing: set[str] = field(default_factory=set)
    why: str | None = None
    grace_ms: int = _GRACE_MS

    def measure(self) -> None:
        """How far everything is behind before any fault, at worst of twenty looks: what is older is missing.

        On a machine that has time it is below 2 s; where others keep it busy it may be much more. What piled up
        while the processes started is worked off first, as long as that gets better.
        """
        before, worst = math.inf, float(self._worst_ms())
        while worst < before * 0.8:
            before, worst = worst, self._worst_ms()
        self.grace_ms = max(_GRACE_MS, int(worst * 1.5) + 1_000)

    def _worst_ms(self) -> int:
        worst = 0
        for _ in range(_LOOKS):
            with psycopg.connect(self.park.dsn) as link:
                row = link.execute(_OLDEST).fetchone()
            assert row is not None
            worst = max(worst, now_ms() - int(row[0] or 0), self._untold_ms())
            time.sleep(_STEP_S)
        return worst

    def _untold_ms(self) -> int:
        events = [one for one in list(self.park.net.receiver.messages)[-30:] if one.kind == "webhook"]
        return int(max((one.received_at - ms_of(one.raw["data"]["time"]) for one in events), default=0))

    def begin(self) -> None:
        """What is generated from now belongs to the next fault."""
        before = list(self.park.plant.generated)
        self.after, self.first = max((one.at for one in before if one.point != "XT"), default=0), len(before)
        expected((one for one in before if one.point == "LT"), self.standing)

    def generated(self, until_ms: int) -> list[Reading]:
        """Of LT and PT since `begin`."""
        since = self.park.plant.generated[self.first :]
        return [one for one in since if one.point != "XT" and self.after < one.at <= until_ms]

    def wanted(self, until_ms: int) -> list[Alarm]:
        return expected((one for one in self.generated(until_ms) if one.point == "LT"), set(self.standing))

    def stored(self, until_ms: int) -> tuple[Counter[Key], list[tuple[Alarm, str]]]:
        span = (_time(self.after), _time(until_ms))
        with psycopg.connect(self.park.dsn, connect_timeout=3, options="-c statement_timeout=5000") as link:
            readings = link.execute(_READINGS, span).fetchall()
            events = link.execute(_EVENTS, span).fetchall()
        found = Counter({(str(i), str(p), int(at)): int(n) for i, p, at, n in readings})
        return found, [((str(a), str(e), int(at)), str(id_)) for a, e, at, id_ in events]

    def told(self) -> Counter[str]:
        return Counter(one.event_id for one in list(self.park.net.receiver.messages) if one.kind == "webhook")

    def missing(self) -> str | None:
        """What of all that is older than the grace is not there yet; None: nothing."""
        until_ms = now_ms() - self.grace_ms
        sent, wanted = self.generated(until_ms), self.wanted(until_ms)
        try:
            readings, events = self.stored(until_ms)
        except psycopg.Error as error:
            return f"the history does not answer: {error}"
        told = self.told()
        left = (
            len(sent) - len(readings),
            len(wanted) - len({one for one, _ in events}),
            sum(id_ not in told for _, id_ in events),
        )
        if max(left) <= 0:
            return None
        return f"{left[0]} readings of {len(sent)}, {left[1]} alarms of {len(wanted)}, {left[2]} messages are missing"

    def wait_whole(self, since: float) -> float | None:
        """Seconds from `since` (monotonic) until it was whole, and stayed so for a while; None: never."""
        last_bad = since
        while True:
            began = time.monotonic()
            self.why = self.missing()
            if self.why is not None:
                last_bad = time.monotonic()
            # Only once all that was sent during the fault is older than the grace does this look say anything of it.
            if began - since > self.grace_ms / 1000 + _CALM_S and began - last_bad > _CALM_S:
                return last_bad - since
            if began - since > PATIENCE_S:
                return None
            time.sleep(_STEP_S)

    def count(self, row: Outcome) -> None:
        """Fill the row with what became of everything since `begin`; the next begins here."""
        until_ms = now_ms() - self.grace_ms
        sent = self.generated(until_ms)
        wanted = expected((one for one in sent if one.point == "LT"), self.standing)
        readings, events = self.stored(until_ms)
        keys = {(one.installation, one.point, one.at) for one in sent}
        row.readings_in, row.readings_out = len(keys), sum(readings.values())
        row.readings_doubled = sum(readings.values()) - len(readings)
        got = Counter(one for one, _ in events)
        row.expected, row.got, row.doubled = len(wanted), len(got), sum(got.values()) - len(got)
        ids = {id_: one for one, id_ in events}
        told = {id_: n for id_, n in self.told().items() if id_ in ids}
        row.messages, row.messages_doubled = sum(told.values()), sum(told.values()) - len(told)
        row.slowest_s = self._slowest(set(ids))
        if not keys or not wanted:
            row.wrong.append("nothing was sent, or no alarm came due: nothing is proven")
        missing, foreign = keys - readings.keys(), readings.keys() - keys
        for what, ones in (
            ("readings lost", missing), ("readings nobody sent", foreign),
            ("readings stored twice", [key for key, n in readings.items() if n > 1]),
            ("alarms missed", set(wanted) - got.keys()), ("alarms nobody expects", got.keys() - set(wanted)),
            ("alarms doubled", [one for one, n in got.items() if n > 1]),
            ("alarms nobody was told of", [one for id_, one in ids.items() if id_ not in told]),
        ):  # fmt: skip
            if ones:
                row.wrong.append(f"{len(ones)} {what}, such as {min(ones)}")
        self.after = until_ms
        later = (n for n, one in enumerate(self.park.plant.generated) if one.point != "XT" and one.at > until_ms)
        self.first = next(later, len(self.park.plant.generated))

    def resync(self) -> None:
        """Which alarms are on now, as the history has it: after a fault that the plant's own lines cannot follow."""
        with psycopg.connect(self.park.dsn) as link:
            rows = link.execute(
                "select distinct on (alarm) alarm, event from hazardwatch.alarm_events"
                " where alarm like 'T%/LT/HH' order by alarm, seq desc"
            ).fetchall()
        self.standing = {str(alarm) for alarm, event in rows if event == "raised"}

    def count_by_replay(self, row: Outcome) -> None:
        """The log's clock was moved: rows of the whole run are counted, events compared with an undisturbed replay."""
        with self.park.plant.still():
            sent = len([one for one in self.park.plant.generated if one.point != "XT"])
            until("every reading is stored", lambda: self._rows() >= sent, PATIENCE_S)
            row.readings_in, row.readings_out = sent, self._rows()
        if row.readings_in != row.readings_out:
            row.wrong.append(f"{row.readings_out - row.readings_in} readings more are stored than were sent")
        story = asyncio.run(read_story(self.park.bootstrap, self.park.site))
        read = {entry.installation: entry.position for entry in story.plant}  # ticks go on while the story is read
        for id_, wanted in story.replayed().items():
            until_ = min(story.judged.get(id_, -1), read.get(id_, -1))
            said = [one.event_id for one in story.said[id_] if one.position <= until_]
            row.expected += len(wanted)
            row.got += len(set(said) & set(wanted))
            if said != wanted:
                row.wrong.append(f"the events of {id_} are not those of a replay of the log")
        row.note = f"counted from the beginning of the run; alarms expected are those of a replay; {row.note}".rstrip(
            "; "
        )
        self.resync()

    def _rows(self) -> int:
        with psycopg.connect(self.park.dsn) as link:
            row = link.execute(
                "select count(*) from hazardwatch.readings where point in ('LT', 'PT') and installation like 'T%'"
            ).fetchone()
        assert row is not None
        return int(row[0])

    def _slowest(self, ids: set[str]) -> float:
        first: dict[str, float] = {}
        for one in list(self.park.net.receiver.messages):
            if one.kind == "webhook" and one.event_id in ids and one.event_id not in first:
                first[one.event_id] = (one.received_at - ms_of(one.raw["data"]["time"])) / 1000
        return max(first.values(), default=0.0)


def _time(at: int) -> datetime:
    return datetime.fromtimestamp(at / 1000, UTC)
