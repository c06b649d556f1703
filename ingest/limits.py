"""What one listener bears: sizes, counts and times. Values only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Each with a default that suits a plant. Half of a process's usual 1024 files are left to others."""

    connections: int = 500
    packet_bytes: int = 256 * 1024
    connect_bytes: int = 64 * 1024
    """A CONNECT comes from somebody not yet known."""
    connect_s: float = 10.0
    """Time for the TLS handshake and the CONNECT together, and for a closing or stuck connection to be gone."""
    receive_maximum: int = 20_000
    """MQTT 5: unacknowledged messages of one connection."""
