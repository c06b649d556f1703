"""What a connection needs of its listener, and how far it has come. Does nothing."""

from __future__ import annotations

from enum import Enum, auto
from typing import Protocol, TypeVar

from ingest.intake import Intake
from ingest.limits import Limits
from ingest.packets import Connect
from pipeline.metrics import Hop

Guest_contra = TypeVar("Guest_contra", contravariant=True)


class Stage(Enum):
    """How far a connection is."""

    SHAKING = auto()
    """TLS is not there yet, and reading is not ours to steer."""
    NEW = auto()
    KNOCKING = auto()
    OPEN = auto()
    CLOSING = auto()


class House(Protocol[Guest_contra]):
    """The listener as its connections see it."""

    intake: Intake
    limits: Limits
    hop: Hop

    def arrived(self, connection: Guest_contra) -> None:
        """A socket is open; nothing is known of it."""
        ...

    def knocked(self, connection: Guest_contra, connect: Connect) -> None:
        """A sound CONNECT came; answer with `accept` or `refuse`."""
        ...

    def crowded(self) -> None:
        """The intake is full: nobody is to read on."""
        ...

    def gone(self, connection: Guest_contra) -> None:
        """The socket is closed."""
        ...
