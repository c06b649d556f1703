"""A gateway that the listener lost says so on its own topic. Does not judge; a gateway's own will goes first."""

from __future__ import annotations

from ingest.intake import Intake
from pipeline.metrics import Hop
from pipeline.site import Site

CUT_OFF = b"0"


class Gateways:
    """Clients whose MQTT client id is that of a gateway with a point of its own (hazardwatch.gateway_points)."""

    def __init__(self, intake: Intake, site: Site) -> None:
        self.hop = Hop("gateways")
        self._intake = intake
        self._topics: dict[str, list[str]] = {}
        for one in site.installations:
            for point in one.points:
                if point.id == point.gateway:
                    self._topics.setdefault(point.id, []).append(f"hazardwatch/v1/{one.id}/{point.id}")

    def lost(self, client_id: str, will_topic: str | None) -> None:
        """The listener lost a client; where its will says it on one of the topics (perhaps later), that is enough."""
        topics = [topic for topic in self._topics.get(client_id, ()) if topic != will_topic]
        if topics:
            self._intake.take([(topic.encode(), CUT_OFF) for topic in topics], self)

    def committed(self, receipts: list[bytes]) -> None:
        """Nobody is there to be told."""
