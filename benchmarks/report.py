"""What a benchmark tells, and how it is printed. Measures nothing."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Report:
    """One row. `lines` are (what, measured) in the order to be read; `reached` is the verdict."""

    name: str
    reach: str
    lines: list[tuple[str, str]] = field(default_factory=list)
    reached: bool | None = None

    def add(self, what: str, measured: str) -> None:
        """A figure."""
        self.lines.append((what, measured))
        print(f"  {what}: {measured}", flush=True)

    def cores(self, name: str, seconds: dict[str, float], over_s: float) -> None:
        """CPU of every process as a share of one core."""
        self.add(f"{name}: CPU, cores", ", ".join(f"{name} {used / over_s:.2f}" for name, used in seconds.items()))


def rate(per_second: float) -> str:
    """Readings per second, readable."""
    return f"{per_second:,.0f}/s"


def table(reports: list[Report]) -> str:
    """Markdown."""
    rows = ["| row | reach | reached | measured |", "|---|---|---|---|"]
    for one in reports:
        verdict = {True: "yes", False: "no", None: "-"}[one.reached]
        measured = "<br>".join(f"{what}: {value}" for what, value in one.lines)
        rows.append(f"| {one.name} | {one.reach} | {verdict} | {measured} |")
    return "\n".join(rows)
