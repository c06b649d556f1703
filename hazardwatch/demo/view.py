"""DemoState -> what is drawn, line by line, for any terminal from 80 x 24 on. Pure; it reads and sends nothing.

Grey is normal; colour means an alarm, a filled field one that nobody has acknowledged. Every colour has a word
or a mark beside it, so that nothing is lost without colours.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from hazardwatch.demo.sections import alarms, hops, messages, next_steps, points, sums, told
from hazardwatch.demo.state import DemoState
from hazardwatch.demo.texts import Words
from hazardwatch.demo.words import clock, duration

WIDE = 112
"""From this many columns on, two columns stand side by side."""


def draw(state: DemoState, words: Words, width: int, height: int) -> Text:
    """The whole screen: exactly `height` lines (at least 24) of at most `width` (at least 80) cells."""
    width, height = max(width, 80), max(height, 24)
    body = _wide(state, words, width, height - 3) if width >= WIDE else _narrow(state, words, width, height - 3)
    lines = [_header(state, words, width), *body[: height - 3], _fit(sums(state, words), width)]
    lines += [Text("")] * (height - 1 - len(lines))
    lines.append(_fit(Text(f" {words.beside}", "dim"), width))
    return Text("\n", no_wrap=True, end="").join(lines)


def _header(state: DemoState, words: Words, width: int) -> Text:
    service = state.service
    phase = words.phases[service.phase].format(pid=service.pid)
    style = {"running": "green", "killed": "bold white on red"}.get(service.phase, "bold yellow")
    left = Text.assemble((" hazardwatch ", "bold reverse"), f" {state.site}  ", (phase, style))
    if service.detail:
        left.append(f"  {service.detail}", "yellow")
    right = Text(f"{clock(state.now_ms, state.timezone)}  {duration(state.elapsed_s)} ", "dim")
    left.truncate(width - right.cell_len - 1, overflow="ellipsis", pad=True)
    return left.append(" ").append_text(right)


def _narrow(state: DemoState, words: Words, width: int, height: int) -> list[Text]:
    tall = 1 + -(-len(state.points) // 3)
    stories = (2, 5) if height >= 26 else (0, 0)
    wants = ((6, _alarm_lines(state)), (tall, tall), (3, 7), stories, (3, 9))
    first, second, third, fourth, fifth = _share(height, wants)
    return [
        *_fits(alarms(state, words, width, first), width, first),
        *_fits(points(state, words, width, second), width, second),
        *_fits(messages(state, words, width, third), width, third),
        *_fits(told(state, words, width, fourth), width, fourth),
        *_fits(next_steps(state, words, width, fifth), width, fifth),
    ]


def _wide(state: DemoState, words: Words, width: int, height: int) -> list[Text]:
    left = width // 2
    right = width - left - 2
    bottom_wants = max(len(state.hops) + 2, 6)
    top, middle, bottom = _share(height, ((3, _alarm_lines(state)), (9, len(state.points) + 1), (5, bottom_wants)))
    spare = max(4, middle // 3)
    phone = _fits(messages(state, words, right, middle - spare), right, middle - spare)
    story = _fits(told(state, words, right, spare), right, spare)
    return [
        *_fits(alarms(state, words, width, top), width, top),
        *_beside(_fits(points(state, words, left, middle), left, middle), [*phone, *story]),
        *_beside(
            _fits(hops(state, words, left), left, bottom),
            _fits(next_steps(state, words, right, bottom), right, bottom),
        ),
    ]


def _alarm_lines(state: DemoState) -> int:
    """Heading, a line for each, one more for what to do; calm screens keep some room so that nothing jumps."""
    return 1 + max(5, 2 * len(state.alarms))


def _share(total: int, wants: Sequence[tuple[int, int]]) -> list[int]:
    """Lines for each section: its least first, then what it wants in order, the rest to the last."""
    given = [least for least, _ in wants]
    for index, (least, want) in enumerate(wants):
        given[index] += max(0, min(want - least, total - sum(given)))
    given[-1] += max(0, total - sum(given))
    return given


def _beside(left: list[Text], right: list[Text]) -> list[Text]:
    return [Text.assemble(a, "  ", b) for a, b in zip(left, right, strict=True)]


def _fits(lines: list[Text], width: int, count: int) -> list[Text]:
    return [_fit(line, width) for line in (lines + [Text("")] * count)[:count]]


def _fit(line: Text, width: int) -> Text:
    fitted = line.copy()
    fitted.truncate(width, overflow="ellipsis", pad=True)
    return fitted
