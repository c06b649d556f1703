"""What of a site is taken from a broker by which session, and whose it is. Pure; connects to nothing.

A unit is one client id with a persistent session: whoever owns its home connects under that id, so the broker
throws the former owner off and hands over what it had queued. No topic is in two units.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ingest.routes import NATIVE
from pipeline.model import SYSTEM
from pipeline.site import Site


@dataclass(frozen=True, slots=True)
class Unit:
    """`home` is the installation whose owner has the unit.

    `shared`: another process may come to own it. `mapped_only`: native messages belong to other units.
    """

    client_id: str
    home: str
    filters: tuple[str, ...]
    shared: bool = True
    mapped_only: bool = False


def units_of(site: Site, *, divided: bool) -> tuple[Unit, ...]:
    """All units of the site; undivided: one session for everything, under the id without a colon.

    Ids hold no colon, so no two sites and no two units ever have the same client id.
    """
    homes = [one.id for one in site.installations if one.id != SYSTEM]
    if not homes:
        return ()
    name = f"hazardwatch-{site.id}"
    sources = tuple(dict.fromkeys(source.topic for source in site.sources))
    if not divided:
        native = [one for home in homes for one in _native(home)]
        return (Unit(name, homes[0], tuple(dict.fromkeys([*sources, *native])), shared=False),)
    own = [Unit(f"{name}:{home}", home, _native(home)) for home in homes]
    return (*own, *(_mapped(name, homes, group) for group in _groups(sources)))


def _native(installation: str) -> tuple[str, str]:
    return NATIVE + installation, f"{NATIVE}{installation}/+"


def _mapped(name: str, homes: Iterable[str], topics: Sequence[str]) -> Unit:
    """A unit named after its topics: a site with one installation more deals it anew, and its queue goes along."""
    key = _digest(*sorted(topics))
    home = max(homes, key=lambda one: _digest(key, one))  # the highest of many dice: few move when one comes or goes
    touches_native = any(overlap(topic, f"{NATIVE}+/#") for topic in topics)
    return Unit(f"{name}:source:{key}", home, tuple(topics), mapped_only=touches_native)


def _digest(*words: str) -> str:
    return hashlib.blake2b("\n".join(words).encode(), digest_size=6).hexdigest()


def _groups(topics: Iterable[str]) -> list[list[str]]:
    """Topic filters that share a topic stay together: in two sessions its messages would come twice."""
    groups: list[list[str]] = []
    for topic in topics:
        touching = [group for group in groups if any(overlap(topic, other) for other in group)]
        groups = [group for group in groups if group not in touching]
        groups.append([*(other for group in touching for other in group), topic])
    return groups


def overlap(one: str, other: str) -> bool:
    """Whether some topic matches both filters."""
    return _overlap(one.split("/"), other.split("/"))


def _overlap(one: Sequence[str], other: Sequence[str]) -> bool:
    if one[:1] == ["#"] or other[:1] == ["#"]:  # also where the other has ended: # stands for the level above too
        return True
    if not one or not other:
        return not one and not other
    return (one[0] == other[0] or "+" in (one[0], other[0])) and _overlap(one[1:], other[1:])
