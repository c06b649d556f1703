"""What people read: one line for a system, a short message for a phone, in English and zh-CN. Pure.

It chooses words, never people or times; tables are in alerting.words.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import UNSET

from alerting import words
from alerting.routing import Routes
from alerting.situation import Marks
from alerting.telling import Kind, Send
from alerting.words import Words
from pipeline.model import Event, State
from pipeline.site import Point

_LATE_MS = 60_000
"""An event that became known later than this after its time says so."""
_NAMED = 5
"""So many alarms of a bundle are named."""


def line(routes: Routes, event: Event, language: str) -> str:
    """One line of any event: `[CRITICAL] Tank farm: Tank 101 level high-high alarm raised, 13.21 m (limit 13.2 m)`."""
    happened = words.EVENT.get(event.event, Words(event.event, event.event)).of(language)
    if event.actor is not None:
        happened += words.BY.of(language).format(who=_name(routes, event.actor))
    told = _join([f"{_subject(routes, event, language)} {happened}", _facts(routes, event, language)], language)
    return f"{_priority(event, language)}{told}"


def of(routes: Routes, send: Send, language: str) -> str:
    """What a system is told: the event in one line, or all that a bundle or a warning says."""
    if send.kind == Kind.BUNDLE:
        return _bundle(routes, send, language)
    return _warning(routes, send, language) if send.kind == Kind.WARNING else line(routes, send.event, language)


def short(routes: Routes, send: Send, language: str) -> str:
    """A message for a phone, with a number of its own: providers drop messages that repeat another's words."""
    event = send.event
    subject = _subject(routes, event, language)
    if send.kind == Kind.TAKEN:
        taken = words.TAKEN.of(language).format(who=_name(routes, event.actor or "?"))
        return _sentences([_join([subject, taken], language), _number(send)], language)
    if send.kind == Kind.EVENT:
        return _sentences([line(routes, event, language), _number(send)], language)
    if send.kind in {Kind.BUNDLE, Kind.WARNING}:
        return of(routes, send, language)
    said = [subject, _standing(send, language), _facts(routes, event, language), *_marks(routes, send.marks, language)]
    named = routes.alarm(event.alarm)
    action = named.alarm.action if named else None
    parts = [f"{_priority(event, language)}{_join(said, language)}"]
    if action is not None:
        parts.append(words.ACTION.of(language).format(action=Words(action.en, action.zh).of(language)))
    parts.append(f"{_when(routes, event)} {_number(send)}")
    return _sentences(parts, language)


def _warning(routes: Routes, send: Send, language: str) -> str:
    """`[ORANGE WARNING] Tank farm: issued: Tank 101 level high-high alarm. 2026-11-22 08:00:00 #TF1-W3`."""
    event = send.event
    level = words.LEVEL.get(event.reason or "", Words("", "")).of(language)
    what = words.WARNED.get(event.event, Words(event.event, event.event)).of(language)
    colon = "：" if language == "zh-CN" else ": "
    told = f"{words.WARNING.of(language).format(level=level)} {_place(routes, language)}{colon}{what}"
    named = _named(routes, send, language) if event.event != "cleared" else ""
    number = f"#{event.alarm.partition('/')[0]}-W{event.seq}"
    return _sentences([f"{told}{colon}{named}" if named else told, f"{_when(routes, event)} {number}"], language)


def _named(routes: Routes, send: Send, language: str) -> str:
    named = [alarm_name(routes, one.alarm, language) for one in send.bundled[:_NAMED]]
    if len(send.bundled) > _NAMED:
        named.append(words.AND_MORE.of(language).format(many=len(send.bundled) - _NAMED))
    return _join(named, language)


def _when(routes: Routes, event: Event) -> str:
    return f"{datetime.fromtimestamp(event.time / 1000, ZoneInfo(routes.site.timezone)):%Y-%m-%d %H:%M:%S}"


def _bundle(routes: Routes, send: Send, language: str) -> str:
    """How many of which priority, and the first of them by name: a flood's message must fit a phone."""
    counts = Counter(one.priority for one in send.bundled)
    shares = [
        words.SHARE.of(language).format(many=counts[priority], priority=words.PRIORITY[priority].of(language))
        for priority in words.PRIORITY
        if counts[priority]
    ]
    many = words.BUNDLE.of(language).format(many=len(send.bundled), shares=_join(shares, language))
    flood = words.FLOOD.of(language).format(many=send.flood)
    colon = "：" if language == "zh-CN" else ": "
    told = f"{_place(routes, language)}{colon}{flood}"
    return _sentences([told, f"{many}{colon}{_named(routes, send, language)}", _number(send)], language)


def _marks(routes: Routes, marks: Marks, language: str) -> list[str]:
    """What the situation adds: rising, cause, first-out, chattering."""
    told = []
    if marks.rose_from is not None:
        named = routes.alarm(marks.rose_from)
        milder = words.NAME.get(named.alarm.name, words.ALARM) if named else words.ALARM
        told.append(words.ROSE_FROM.of(language).format(milder=milder.of(language)))
    if marks.consequence_of is not None:
        told.append(words.CONSEQUENCE.of(language).format(cause=alarm_name(routes, marks.consequence_of, language)))
    if marks.first_out is not None:
        told.append(words.FIRST_OUT.of(language).format(group=marks.first_out))
    if marks.chattering:
        told.append(words.CHATTERING.of(language))
    return told


def _subject(routes: Routes, event: Event, language: str) -> str:
    where = _place(routes, language)
    what = alarm_name(routes, event.alarm, language)
    return f"{where}{'：' if language == 'zh-CN' else ': '}{what}" if where else what


def _place(routes: Routes, language: str) -> str:
    place = routes.installation.name if routes.installation else None
    return Words(place.en, place.zh).of(language) if place else ""


def alarm_name(routes: Routes, id_: str, language: str) -> str:
    """Point and alarm as people say them: `Tank 101 level high alarm`; its id when unknown."""
    named = routes.alarm(id_)
    if named is None:
        return id_
    alarm, point = named
    name = words.NAME.get(alarm.name)
    word = (name or words.KIND.get(alarm.kind, words.ALARM)).of(language)
    if name is None and alarm.name not in word:
        word = f"{alarm.name} {word}"
    if point is None:
        return word
    return f"{Words(point.name.en, point.name.zh).of(language)} {word}"


def _standing(send: Send, language: str) -> str:
    if send.state in (State.RTN_UNACK, State.LATCH_UNACK):
        return words.RETURNED_UNTAKEN.of(language)
    return words.REPEATED.of(language) if send.key.round else ""


def _facts(routes: Routes, event: Event, language: str) -> str:
    """Why where it is not the value, value, limit, lateness; empty where the event has none of them."""
    named = routes.alarm(event.alarm)
    point = named.point if named else None
    told = [_number_of(event.value, event.unit, point)] if event.value is not None else []
    if event.setpoint is not None:
        limit = words.LIMIT.of(language).format(limit=_number_of(event.setpoint, event.unit, point))
        told = [f"{told[0]}（{limit}）" if language == "zh-CN" else f"{told[0]} ({limit})"] if told else [limit]
    if event.time_left_s is not UNSET:
        told.append(words.LEFT.of(language).format(left=_span(1000 * event.time_left_s)))
    if event.decided - event.time > _LATE_MS:
        told.append(words.LATE.of(language).format(late=_span(event.decided - event.time)))
    if event.reason in words.REASON:
        told.insert(0, words.REASON[event.reason].of(language))
    return _join(told, language)


def _number_of(value: float, unit: str | None, point: Point | None) -> str:
    if point is not None and value in point.states:
        return point.states[value]
    return f"{value:.6g} {unit}" if unit else f"{value:.6g}"


def _span(ms: int) -> str:
    seconds = ms // 1000
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60} s" if seconds % 60 else f"{seconds // 60} min"
    return f"{seconds // 3600} h {seconds % 3600 // 60} min"


def _priority(event: Event, language: str) -> str:
    if event.priority is None:
        return ""
    return f"[{words.PRIORITY.get(event.priority, Words(event.priority, event.priority)).of(language)}] "


def _name(routes: Routes, person: str) -> str:
    known = routes.person(person)
    return known.name if known else person


def _number(send: Send) -> str:
    """`#TF1-17`, and `#TF1-17.2.1` for step 2 (from 0), repeat 1 of the same event."""
    number = f"#{send.event.alarm.partition('/')[0]}-{send.event.seq}"
    return f"{number}.{send.key.step}.{send.key.round}" if send.key.step > 0 or send.key.round > 0 else number


def _join(parts: list[str], language: str) -> str:
    return ("，" if language == "zh-CN" else ", ").join(part for part in parts if part)


def _sentences(parts: list[str], language: str) -> str:
    return ("。" if language == "zh-CN" else ". ").join(parts)
