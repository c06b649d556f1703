"""Channels as written -> `pipeline.site`: known types, secrets named once, fallbacks that end. It sends nothing."""

from __future__ import annotations

from typing import Any

from pipeline.site import Channel
from pipeline.sitefile import scalars
from pipeline.sitefile.context import Context
from pipeline.sitefile.explain import checked
from pipeline.sitefile.fault import shown
from pipeline.sitefile.tree import Mapping, Mark
from pipeline.sitefile.written_site import ChannelWritten

TIMEOUT_MS = 10_000


def read_channels(raw: Any, context: Context) -> dict[str, Channel]:
    """All channels by id; their fallbacks are checked."""
    channels: dict[str, Channel] = {}
    if not isinstance(raw, Mapping):
        return channels
    for id_, body in raw.items():
        if isinstance(body, Mapping) and isinstance(id_, str):
            channel = _channel(id_, body, raw.marks[id_], context)
            if channel is not None:
                channels[id_] = channel
            else:
                context.broken.add(("a channel", id_))
    for id_, channel in channels.items():
        if channel.fallback is not None:
            _fallback(id_, channel.fallback, raw, channels, context)
    return channels


def _channel(id_: str, body: Mapping, mark: Mark, context: Context) -> Channel | None:
    if not scalars.is_id(id_):
        context.faults.add(mark, f"the channel name {shown(id_)}", scalars.ID_EXPECTED)
    spec = checked(ChannelWritten, body, mark, context.faults)
    if spec is None:
        return None
    if spec.secret_env is not None and spec.secret_file is not None:
        context.faults.add(body.marks["secret_file"], "secret_env and secret_file", "one of them")
    if spec.type not in context.sent_channels:
        words = f"the channel {id_} of type {spec.type}: nothing is sent over it in this version"
        context.warnings.add(mark, words, "", rule="channel")
    return Channel(
        id=id_,
        type=spec.type,
        url=spec.url,
        secret_env=spec.secret_env,
        secret_file=spec.secret_file,
        fallback=spec.fallback,
        timeout_ms=spec.timeout or TIMEOUT_MS,
        options=spec.options,
    )


def _fallback(id_: str, fallback: str, raw: Mapping, channels: dict[str, Channel], context: Context) -> None:
    mark = raw[id_].marks["fallback"]
    if fallback not in raw:
        context.unknown(mark, fallback, "a channel", [one for one in raw if one != id_])
    chain = with_fallbacks(id_, channels)
    if chain[-1] == id_ and len(chain) > 1 and min(chain) == id_:  # told once, at the first of the circle by name
        context.faults.add(mark, f"a circle: {' > '.join(chain)}", "fallbacks that end")


def with_fallbacks(id_: str, channels: dict[str, Channel]) -> list[str]:
    """The channel and its fallbacks in order; ends with the first one met again where they form a circle."""
    chain = [id_]
    while True:
        channel = channels.get(chain[-1])
        if channel is None or channel.fallback is None or channel.fallback not in channels:
            return chain
        chain.append(channel.fallback)
        if channel.fallback in chain[:-1]:
            return chain
