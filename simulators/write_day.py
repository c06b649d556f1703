"""`python -m simulators.write_day EXAMPLE OUT`: the readings and commands of an example's day, as `replay` reads them.

EXAMPLE is a folder with site.yaml and day.yaml; OUT gets readings.csv and commands.jsonl. It replays nothing.
"""

from __future__ import annotations

import datetime
import json
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from pipeline.errors import ConfigError
from pipeline.site import Site
from pipeline.sitefile import load, render_fault
from simulators.day import Day, commands, read_day
from simulators.traces import told


def write_day(site: Site, day: Day, out: Path) -> tuple[Path, Path]:
    """readings.csv and commands.jsonl in the folder `out`, which is made."""
    out.mkdir(parents=True, exist_ok=True)
    readings, orders = out / "readings.csv", out / "commands.jsonl"
    midnight = midnight_ms(site, day)
    readings.write_text(_csv(site, day, midnight), encoding="utf-8")
    lines = [json.dumps(one, ensure_ascii=False) + "\n" for one in commands(day, midnight)]
    orders.write_text("".join(lines), encoding="utf-8")
    return readings, orders


def midnight_ms(site: Site, day: Day) -> int:
    """When the day begins at the site, epoch ms."""
    begin = datetime.datetime.fromisoformat(day.date).replace(tzinfo=ZoneInfo(site.timezone))
    return int(begin.timestamp()) * 1000


def _csv(site: Site, day: Day, midnight: int) -> str:
    parts = list(told(site, day))
    seconds = np.concatenate([part.seconds for part in parts])
    places = [f"{part.installation},{part.point}" for part in parts for _ in part.texts]
    texts = [text for part in parts for text in part.texts]
    bad = np.concatenate([part.bad for part in parts]).tolist()
    lines = [
        f"{midnight + 1000 * int(seconds[at])},{places[at]},{texts[at]},{'bad' if bad[at] else 'good'}\n"
        for at in np.argsort(seconds, kind="stable").tolist()
    ]
    return "".join(["time,installation,point,value,quality\n", *lines])


def main() -> None:
    """Both folders are given."""
    if len(sys.argv) != 3:
        sys.exit("usage: python -m simulators.write_day EXAMPLE OUT")
    example, out = map(Path, sys.argv[1:])
    # Which kinds this version judges is no matter here: warnings are not looked at.
    loaded = load(example / "site.yaml", frozenset(), frozenset())
    if loaded.site is None:
        sys.exit("\n".join(render_fault(fault) for fault in loaded.faults))
    try:
        write_day(loaded.site, read_day(example / "day.yaml"), out)
    except (ConfigError, OSError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
