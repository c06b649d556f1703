"""Which roles of this process work, asked of each when somebody wants to know. It repairs nothing."""

from __future__ import annotations

from collections.abc import Callable

Probe = Callable[[], str | None]
"""None while the role works; else why it does not, in words for the person on watch."""


class Health:
    """The roles of this process by name. A role that has not said how to ask it does not work yet."""

    def __init__(self, roles: tuple[str, ...]) -> None:
        self._probes: dict[str, Probe] = dict.fromkeys(roles, _starting)

    def ask(self, role: str, probe: Probe) -> None:
        """From now on `probe` answers for `role`."""
        self._probes[role] = probe

    def report(self) -> dict[str, str | None]:
        """For every role None (it works) or the reason why not."""
        return {role: probe() for role, probe in self._probes.items()}


def _starting() -> str | None:
    return "still starting"
