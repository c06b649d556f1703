"""One value of a configuration as people read it among differences; lengths of time as a site file writes them."""

from __future__ import annotations

from json import dumps


def attribute(name: str) -> str:
    """`on_delay_ms` -> on_delay."""
    return name.removesuffix("_ms")


def shown(name: str, value: object) -> str:
    """`value` of the attribute `name`; - where there is none."""
    if value is None:
        return "-"
    if name.endswith("_ms") and isinstance(value, int):
        from pipeline.sitefile import scalars  # heavy, and --help must be there at once  # noqa: PLC0415

        return scalars.duration_text(value)
    return value if isinstance(value, str) else dumps(value, ensure_ascii=False)
