"""The sections of the demo's view: each makes lines of text for the width and number of lines it is given. Pure."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from hazardwatch.demo.state import AlarmRow, DemoState, Message, PointRow
from hazardwatch.demo.texts import Words
from hazardwatch.demo.words import clock, duration, trend_line

FILLED = {
    "critical": "bold white on red",
    "high": "bold black on dark_orange",
    "medium": "bold black on yellow",
    "low": "bold black on cyan",
}
PLAIN = {"critical": "bold red", "high": "dark_orange", "medium": "yellow", "low": "cyan"}
_EACH_COMMAND_S = 8
_OLD_MS = 5000


def heading(title: str, width: int, remark: str = "") -> Text:
    """A title on a thin rule."""
    line = Text.assemble(("─ ", "dim"), (title, "bold"), " ")
    if remark:
        line.append(f"{remark} ", "dim")
    return line.append("─" * max(0, width - line.cell_len), "dim")


def alarms(state: DemoState, words: Words, width: int, lines: int) -> list[Text]:
    """The standing alarms, most urgent first; what to do under each as long as there is room."""
    rows = state.alarms
    if state.alarms_at_ms is None:
        return [heading(words.alarms, width), Text(f"   {words.alarms_unknown}", "dim")]
    remark = ""
    if state.now_ms - state.alarms_at_ms > _OLD_MS:
        remark = words.alarms_old.format(at=clock(state.alarms_at_ms, state.timezone))
    if not rows:
        return [heading(words.alarms, width, remark), Text(f"   {words.alarms_quiet}", "" if remark else "green")]
    unanswered = sum(row.wants_somebody for row in rows)
    told = words.alarms_open.format(open=unanswered, all=len(rows))
    made = [heading(words.alarms, width, f"{told}  {remark}".rstrip())]
    room = lines - 1
    shown = rows if len(rows) <= room else rows[: room - 1]
    actions = room - len(shown) - (len(rows) > len(shown))
    for row in shown:
        made.append(_alarm(row, state, words, width))
        if actions > 0 and row.action:
            made.append(Text.assemble("     → ", (row.action, "bold" if row.wants_somebody else "")))
            actions -= 1
    if len(rows) > len(shown):
        made.append(Text(f"   {words.more.format(n=len(rows) - len(shown))}", "bold"))
    return made


def _alarm(row: AlarmRow, state: DemoState, words: Words, width: int) -> Text:
    style = FILLED[row.priority] if row.wants_somebody else PLAIN[row.priority]
    mark = "!!" if row.wants_somebody else " !"
    age = duration((state.now_ms - row.since_ms) / 1000)
    line = Text.assemble(
        (f"{mark} {set_cell_size(words.priorities[row.priority], 8)} {set_cell_size(row.id, 20)}", style),
        f" {set_cell_size(words.states.get(row.state, row.state), 15)}",
        f" {row.value:>8} {set_cell_size(row.setpoint, 8)}",
        (f" {clock(row.since_ms, state.timezone)}", ""),
    )
    if width - line.cell_len > 24:
        line.append(f"  {age:<12}", "dim").append(row.name, "dim")
    return line


def points(state: DemoState, words: Words, width: int, lines: int) -> list[Text]:
    """All points in as many columns as the lines ask for; names where there is room for them."""
    rows = state.points
    columns = max(1, -(-len(rows) // max(1, lines - 1)))
    cell = (width + 1) // columns - 1
    tall = -(-len(rows) // columns)
    made = [heading(words.points, width)]
    for index in range(tall):
        cells = [_point(row, cell) for row in rows[index::tall]]
        made.append(Text(" ").join(cells))
    return made


def _point(row: PointRow, width: int) -> Text:
    style = ("" if row.fresh else "dim") if row.alarm is None else PLAIN[row.alarm]
    if row.alarm and not row.acknowledged:
        style = FILLED[row.alarm]
    mark = " " if row.alarm is None else "!"
    line = Text.assemble((f"{mark}{set_cell_size(row.id, 8)}", style))
    room = width - line.cell_len - 14
    if room > 36:
        line.append(f" {set_cell_size(row.name, room - 18)}", style if row.alarm else "dim")
        room = 17
    line.append(f"{_right(row.shown, 8)}", style)
    line.append(f" {set_cell_size(row.unit, 5)}", "dim")
    line.append(
        trend_line(row.trend, max(0, room), row.span), "bright_black" if row.alarm is None else PLAIN[row.alarm]
    )
    line.truncate(width, overflow="ellipsis", pad=True)
    return line


def messages(state: DemoState, words: Words, width: int, lines: int) -> list[Text]:
    """The newest messages, whole where there is room, oldest of them first."""
    made = [heading(words.messages, width)]
    if not state.messages:
        return [*made, Text(f"   {words.messages_none}", "dim")]
    each = 1 if lines < 8 else 3
    blocks = [_message(message, state, width, each) for message in state.messages[-lines:]]
    kept: list[Text] = []
    for block in reversed(blocks):
        if len(kept) + len(block) > lines - 1:
            break
        kept = block + kept
    return made + kept


def _message(message: Message, state: DemoState, width: int, lines: int) -> list[Text]:
    head = Text.assemble((f" {clock(message.at_ms, state.timezone)} ", "dim"), (f"{message.channel} ", "cyan"))
    head.append(f"{message.to}  ", "bold")
    if lines == 1:
        return [head.append(message.text)]
    return [head, *(Text(f"   {part}") for part in cut(message.text, width - 3, lines - 1))]


def told(state: DemoState, words: Words, width: int, lines: int) -> list[Text]:
    """The newest sentences of what happens."""
    made = [heading(words.told, width)]
    newest = state.told[-max(lines - 1, 1) :]
    made += [Text.assemble((f" {clock(one.at_ms, state.timezone)} ", "dim"), one.text) for one in newest]
    return made


def hops(state: DemoState, words: Words, width: int) -> list[Text]:
    """A table of the hops' counters."""
    made = [heading(words.hops, width)]
    first, *others = words.hop_columns
    column = max(9, min(13, (width - 14) // 4))
    made.append(Text("  " + set_cell_size(first, 11) + "".join(_right(name, column) for name in others), "dim"))
    for hop in state.hops:
        numbers = (hop.received, hop.passed, hop.refused, hop.waiting)
        made.append(Text(f"  {set_cell_size(hop.name, 11)}" + "".join(_right(f"{n:,}", column) for n in numbers)))
    return made


def sums(state: DemoState, words: Words) -> Text:
    """The one line that says whether anything is missing."""
    counts = state.counts
    stored = "—" if counts.stored is None else f"{counts.stored:,}"
    figures = {"published": f"{counts.published:,}", "acknowledged": f"{counts.acknowledged:,}", "stored": stored}
    line = Text.assemble(" ", (words.sums.format(**figures), "bold"), "  ")
    if counts.whole:
        return line.append(f"✓ {words.whole}", "green")
    behind = counts.published - (counts.acknowledged if counts.stored is None else counts.stored)
    return line.append(words.sums_waiting.format(n=f"{behind:,}"), "yellow")


def next_steps(state: DemoState, words: Words, width: int, lines: int) -> list[Text]:
    """Commands to type, never cut off: one after the other where they do not all have room."""
    made = [heading(words.next, width)]
    blocks = [[Text(f" {part}", "cyan") for part in cut(f"$ {command}", width - 1, 9)] for command in state.commands]
    if not blocks:
        return made
    if sum(map(len, blocks)) > lines - 1:
        turn = int(state.elapsed_s // _EACH_COMMAND_S) % len(blocks)
        blocks = blocks[turn:] + blocks[:turn]
    for block in blocks:
        if len(made) + len(block) <= lines:
            made += block
    return made


def cut(text: str, width: int, lines: int) -> list[str]:
    """`text` in at most `lines` pieces of at most `width` cells, broken at spaces where there are any near the end."""
    parts: list[str] = []
    rest = " ".join(text.split())
    while rest and len(parts) < lines:
        if cell_len(rest) <= width:
            return [*parts, rest]
        piece = set_cell_size(rest, width).rstrip()
        gap = piece.rfind(" ")
        piece = piece[:gap] if gap > len(piece) // 2 else piece
        parts.append(piece)
        rest = rest[len(piece) :].lstrip()
    if rest and parts:
        parts[-1] = set_cell_size(parts[-1], width - 1).rstrip() + "…"
    return parts


def _right(text: str, width: int) -> str:
    return " " * max(0, width - cell_len(text)) + text
