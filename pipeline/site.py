"""The site as the program runs it: every template expanded, every default written out. Pure values.

`pipeline.sitefile` makes it from YAML; a CONFIG record of the plant log carries it as JSON. All times are
ms, all numbers in the point's unit, all ids whole. Order is the order of the site file and is meaningful:
it decides ties between points and between alarms.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Priority = Literal["critical", "high", "medium", "low"]
PRIORITIES: tuple[Priority, ...] = ("critical", "high", "medium", "low")
LANGUAGES = ("en", "zh-CN")
"""Of texts that people read, as a site file names them."""


class Value(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Base of all of these: immutable, and unknown keys in a record are an error."""


class Text(Value, frozen=True, kw_only=True):
    """A text people read, in both languages; where the site gave one only, both hold it."""

    en: str
    zh: str


class Count(Value, frozen=True, kw_only=True):
    """`count`: n starts of the underlying condition within a time, or on for `sustained_ms`."""

    times: int
    within_ms: int
    sustained_ms: int


class ModeSettings(Value, frozen=True, kw_only=True):
    """What `by_mode` changes while the equipment is in that mode; None leaves the alarm's own."""

    setpoint: float | None = None
    deadband: float | None = None
    on_delay_ms: int | None = None
    off_delay_ms: int | None = None
    priority: Priority | None = None


class Vote(Value, frozen=True, kw_only=True):
    """`vote`: on while at least `need` of the member alarms (full ids) are on."""

    need: int
    of: tuple[str, ...]
    on_fault: Literal["hold", "trip", "exclude"] = "hold"


class Rate(Value, frozen=True, kw_only=True):
    """`rate`: slope limits in the point's unit per `per_ms`, over `window_ms`; None = that side is not judged."""

    rising: float | None = None
    falling: float | None = None
    per_ms: int
    window_ms: int


class TimeToLimit(Value, frozen=True, kw_only=True):
    """`time_to_limit`: `limit` is the number itself; `limit_alarm` the level alarm it came from, if it did."""

    limit: float
    limit_alarm: str | None = None
    within_ms: int
    window_ms: int
    min_rate: float
    per_ms: int


class Deviation(Value, frozen=True, kw_only=True):
    """`deviation`: points of the same installation."""

    point: str
    reference: str


class Flatline(Value, frozen=True, kw_only=True):
    """`flatline`: at most `band` (point's unit) of movement in `for_ms`."""

    for_ms: int
    band: float


class Cusum(Value, frozen=True, kw_only=True):
    """`cusum`: all three in the point's unit."""

    reference: float
    slack: float
    threshold: float


class Gateway(Value, frozen=True, kw_only=True):
    """What brings readings: lost when nothing of it was heard for longer than `heartbeat_ms`; None: for ever."""

    id: str
    heartbeat_ms: int | None = None


class Noise(Value, frozen=True, kw_only=True):
    """`noise`: limits of the spread in the point's unit, over `window_ms`; None = that side is not judged."""

    quiet: float | None = None
    loud: float | None = None
    window_ms: int


class Ewma(Value, frozen=True, kw_only=True, rename={"weight": "lambda", "width": "L"}):
    """`ewma`: reference and sigma in the point's unit; `weight` of the newest sample, limits at `width` sigma."""

    reference: float
    sigma: float
    weight: float
    width: float


class Discrepancy(Value, frozen=True, kw_only=True):
    """`discrepancy`: `command` and `feedback` are points of the installation, of quantity state.

    `agree`: the numbers of the feedback that fit each number of the command. Its time stands in `on_delay_ms`.
    """

    command: str
    feedback: str
    agree: dict[float, tuple[float, ...]]


class Balance(Value, frozen=True, kw_only=True):
    """`balance` of a tank of `area` m2; the alarm's setpoint is the imbalance in m3 that the instruments may hide.

    `level_factor`: metres for one unit of the level point. `flows`: point id -> m3/h for one unit of it, negative
    where it flows out.
    """

    level: str
    level_factor: float
    flows: dict[str, float]
    area: float
    window_ms: int


class Alarm(Value, frozen=True, kw_only=True):
    """One alarm with all its attributes. `kind` says how it is judged; kind-specific numbers are beside it.

    kind: high | low (HH H L LL too), digital, rate, time_to_limit, flatline, noise, cusum, ewma, deviation,
    discrepancy, balance, vote, degraded,
    stale | bad | late | clock (of every enabled point), or another word a later version judges.
    """

    id: str
    name: str
    point: str | None = None
    kind: str
    alarm_class: str
    priority: Priority
    setpoint: float | None = None
    deadband: float = 0.0
    on_delay_ms: int = 0
    off_delay_ms: int = 0
    latching: bool = False
    ack_required: bool = True
    realarm_ms: int | None = None
    on_bad: Literal["hold", "trip"] = "hold"
    shelving_allowed: bool = True
    shelving_max_ms: int = 8 * 3_600_000
    exempt_from_bundling: bool = False
    response_time_ms: int | None = None
    cause: Text | None = None
    consequence: Text | None = None
    action: Text | None = None
    when: float | None = None
    rate: Rate | None = None
    time_to_limit: TimeToLimit | None = None
    deviation: Deviation | None = None
    vote: Vote | None = None
    flatline: Flatline | None = None
    cusum: Cusum | None = None
    noise: Noise | None = None
    ewma: Ewma | None = None
    discrepancy: Discrepancy | None = None
    balance: Balance | None = None
    count: Count | None = None
    gateway: Gateway | None = None
    by_mode: dict[str, ModeSettings] = {}

    @property
    def compared(self) -> tuple[str, ...]:
        """The points that a deviation, discrepancy or balance compares, in that order; empty for any other kind."""
        if self.deviation is not None:
            return self.deviation.point, self.deviation.reference
        if self.discrepancy is not None:
            return self.discrepancy.command, self.discrepancy.feedback
        return () if self.balance is None else (self.balance.level, *self.balance.flows)

    @property
    def judged_from(self) -> tuple[str, ...]:
        """The points it is judged from."""
        if self.point is not None:
            return (self.point,)
        members = self.vote.of if self.vote is not None else ()
        return self.compared or tuple(dict.fromkeys(member.split("/")[1] for member in members))


class Raw(Value, frozen=True, kw_only=True):
    """`raw` scaling: payload value low -> range low, payload value high -> range high, linear."""

    low: float
    high: float
    unit: str | None = None


class Point(Value, frozen=True, kw_only=True):
    """One sensor. `alarms` in the order of the site file, then STALE, BAD, LATE, CLOCK.

    `stale_after_ms` None means never. `payload_unit`: of values as they arrive, where it is not `unit`.
    `states` maps the number to the name; only for quantity state.
    """

    id: str
    name: Text
    quantity: str
    unit: str
    low: float | None = None
    high: float | None = None
    period_ms: int | None = None
    stale_after_ms: int | None = None
    late_after_ms: int = 60_000
    enabled: bool = True
    alias: str | None = None
    equipment: str | None = None
    gateway: str | None = None
    raw: Raw | None = None
    payload_unit: str | None = None
    states: dict[float, str] = {}
    over_range: Literal["judge", "bad"] = "bad"
    gas: str | None = None
    preset: str | None = None
    resolution: float | None = None
    alarms: tuple[Alarm, ...] = ()


class Suppress(Value, frozen=True, kw_only=True):
    """Suppression by design: `alarms` (full ids) while `equipment` is in `mode`, or while alarm `cause` is on."""

    id: str
    alarms: tuple[str, ...]
    equipment: str | None = None
    mode: str | None = None
    cause: str | None = None


class Equipment(Value, frozen=True, kw_only=True):
    """`modes` in order; the first holds at the start. Empty: the equipment has no modes."""

    id: str
    name: Text | None = None
    modes: tuple[str, ...] = ()
    gateway: str | None = None


class Installation(Value, frozen=True, kw_only=True):
    """One major-hazard installation: the unit of ordering, of ownership and of judging."""

    id: str
    name: Text
    owner: str | None = None
    major_hazard_grade: int | None = None
    equipment: tuple[Equipment, ...] = ()
    points: tuple[Point, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    suppress: tuple[Suppress, ...] = ()


class Position(Value, frozen=True, kw_only=True):
    """A post people fill; `reports_to` is the next level up."""

    id: str
    level: str | None = None
    reports_to: str | None = None
    people: tuple[str, ...] = ()


class Person(Value, frozen=True, kw_only=True):
    """Somebody who gets messages and may acknowledge."""

    id: str
    name: str
    phone: str | None = None
    email: str | None = None
    language: Literal["en", "zh-CN"]


class Channel(Value, frozen=True, kw_only=True):
    """How messages leave. Secrets are named (`secret_env`, `secret_file`), never held."""

    id: str
    type: str
    url: str | None = None
    secret_env: str | None = None
    secret_file: str | None = None
    fallback: str | None = None
    timeout_ms: int = 10_000
    options: dict[str, str] = {}


class Step(Value, frozen=True, kw_only=True):
    """`to`: a position id, a person id, `owner` or `owner+N`. `by`: channel ids."""

    after_ms: int
    to: str
    by: tuple[str, ...]


class Escalation(Value, frozen=True, kw_only=True):
    """The first escalation whose `match` fits is climbed. Empty tuples in `match` fit everything."""

    priorities: tuple[Priority, ...] = ()
    classes: tuple[str, ...] = ()
    installations: tuple[str, ...] = ()
    repeat_ms: int | None = None
    steps: tuple[Step, ...] = ()


class Notify(Value, frozen=True, kw_only=True):
    """`always`: channels that get every event."""

    always: tuple[str, ...] = ()
    escalations: tuple[Escalation, ...] = ()


WARNING_LEVELS = ("red", "orange", "yellow", "blue")
"""Graded warnings, the gravest first (GB/T 37243 and the ministry's early-warning system use these four)."""
WarningLevel = Literal["red", "orange", "yellow", "blue"]


class WarningRule(Value, frozen=True, kw_only=True):
    """Holds while at least `count` alarms of an installation are on that fit everything that is written.

    `priority`: that urgent or more. `alarms`: shell patterns of full ids. `time_to_limit_ms`: alarms of that kind whose
    own `within` is no longer. `lasting_ms`: on for so long. `unacknowledged`: nobody took them.
    """

    level: WarningLevel
    installations: tuple[str, ...] = ()
    priority: Priority | None = None
    classes: tuple[str, ...] = ()
    alarms: tuple[str, ...] = ()
    time_to_limit_ms: int | None = None
    lasting_ms: int = 0
    unacknowledged: bool = False
    count: int = 1


class WarningTold(Value, frozen=True, kw_only=True):
    """Who is told of a warning of a level, over which channels. `to`: as in Step, several."""

    to: tuple[str, ...]
    by: tuple[str, ...]


class Warnings(Value, frozen=True, kw_only=True):
    """Graded warnings of every installation; without rules there are none."""

    rules: tuple[WarningRule, ...] = ()
    tell: dict[WarningLevel, WarningTold] = {}


class SourceReadings(Value, frozen=True, kw_only=True):
    """Where a mapped source has what: `{1}` is a + level of the topic; anything else a field path or a literal.

    `unit`: of its values, where they are not in the unit their point has or says of its payloads.
    """

    installation: str
    point: str
    value: str
    quality: str | None = None
    unit: str | None = None


class Source(Value, frozen=True, kw_only=True):
    """Other people's topics and payloads, mapped to readings."""

    topic: str
    readings: SourceReadings
    time: str | None = None
    each: str | None = None
    quality_map: dict[str, Literal["good", "uncertain", "bad"]] = {}


class History(Value, frozen=True, kw_only=True):
    """How long the database keeps readings and their summaries by minute; those by hour it keeps for ever."""

    readings_ms: int = 90 * 86_400_000
    minutes_ms: int = 400 * 86_400_000


class Site(Value, frozen=True, kw_only=True, weakref=True):
    """The whole site. A CONFIG record holds it with only the installation of its own log, and without `history`."""

    id: str
    name: Text
    timezone: str = "UTC"
    language: Literal["en", "zh-CN"] = "en"
    installations: tuple[Installation, ...] = ()
    gateways: tuple[Gateway, ...] = ()
    positions: tuple[Position, ...] = ()
    people: tuple[Person, ...] = ()
    channels: tuple[Channel, ...] = ()
    notify: Notify = Notify()
    warnings: Warnings = Warnings()
    sources: tuple[Source, ...] = ()
    history: History = History()

    def installation(self, id_: str) -> Installation | None:
        """The installation of that id, or None."""
        return next((one for one in self.installations if one.id == id_), None)


def of_installation(site: Site, id_: str) -> Site:
    """The part of the site that decides one installation's alarms and their messages."""
    mine = tuple(one for one in site.installations if one.id == id_)
    return msgspec.structs.replace(site, installations=mine, history=History())
