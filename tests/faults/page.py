"""docs/guarantees.md from the outcomes: written anew after every fault, so that a run cut short leaves a true page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.faults.judge import Outcome

PAGE = Path(__file__).parents[2] / "docs" / "guarantees.md"
_HEAD = """\
# What is guaranteed, and what was done to prove it

This page is written by `make faults`. It is what one run measured, not what we hope for.

## The guarantees

- A reading that was acknowledged (PUBACK) is in the history, once.
- Every alarm event that the readings call for is found, once, and stored, once.
- Every alarm event is sent to the receiver at least once. A message is sent twice only where a notifier, or its way to
  the receiver or to Kafka, failed while the message was under way. The event id is the same, so a receiver can tell.
- After the fault everything goes on by itself.

## How it was done

One park of real processes: {park}.
60 installations send 240 readings a second; half come through Mosquitto, half through the
listeners behind a TCP balancer. Each installation raises or clears an alarm every 5 s. All run on one machine, with
a TCP proxy on each way between two parts. The faults are done one after another to the same park.

- *Readings in* are those the plant sent, resent until acknowledged; *out* are rows in the history.
- *Alarms expected* are worked out from what was sent, by lines that know nothing of the program.
- *Whole after*: seconds from the end of the fault (of a kill: from the kill) until nothing older than the time below
  was missing anywhere: in the history, among the alarms, at the receiver. Killed processes are started again at once.
- *Slowest alarm*: the longest time from a reading to its first webhook, the time of the fault included.

"""


def write(rows: Sequence[Outcome], park: str, machine: str, page: Path = PAGE) -> None:
    """The whole page."""
    lines = [_HEAD.format(park=park), f"{machine}\n\n## The table\n\n"]
    lines.append(
        "| # | What was done | Readings in | out | doubled | Alarms expected | got | doubled | Messages | doubled |"
        " Whole after (s) | Slowest alarm (s) |\n"
    )
    lines.append("|--:|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n")
    for number, one in enumerate(rows, 1):
        whole = "never" if one.whole_s is None else f"{one.whole_s:.1f}"
        lines.append(
            f"| {number} | {one.name}: {one.what} | {one.readings_in} | {one.readings_out} | {one.readings_doubled} |"
            f" {one.expected} | {one.got} | {one.doubled} | {one.messages} | {one.messages_doubled} | {whole} |"
            f" {one.slowest_s:.1f} |\n"
        )
    notes = [f"- {one.name}: {one.note}\n" for one in rows if one.note]
    if notes:
        lines += ["\n## Beside the table\n\n", *notes]
    wrong = [f"- {one.name}: {what}\n" for one in rows for what in one.wrong]
    lines += ["\n## What failed\n\n", *(wrong or ["Nothing.\n"])]
    page.write_text("".join(lines))
