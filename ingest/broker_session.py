"""One persistent session at somebody else's broker: subscribes, hands over what comes. Reads no payload.

PUBACK goes to the broker when the log has the readings; what it has not, the broker's persistent session sends
again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import structlog
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from ingest.broker import Broker
from ingest.broker_facts import TOPICS, BrokerFacts
from ingest.intake import Intake, Publish
from ingest.paho_frames import FrameClient
from ingest.paho_loop import PahoLoop
from ingest.properties import Code
from ingest.routes import NATIVE
from ingest.units import Unit
from pipeline.clock import monotonic_s
from pipeline.metrics import Hop
from pipeline.model import RETAINED
from pipeline.retry import Pace, until_done

_PACE = Pace(first_s=0.1, most_s=5.0)
HELD_UP_S = 5.0
"""Whoever did not run for so long may have been replaced meanwhile."""
PATIENCE_S = 5.0
MOST_PATIENCE_S = 60.0
"""Who was thrown off waits so long, doubling, unless its share says something new first."""
_FILTERS_AT_ONCE = 100
_NATIVE = NATIVE.encode()
_log = structlog.get_logger(__name__)


class _Link:
    """The door of one connection: what it acknowledges never reaches the next one, which counts anew."""

    def __init__(self, client: FrameClient, hop: Hop) -> None:
        self.hop = hop
        self.in_flight = 0
        self.client: FrameClient | None = client

    def committed(self, receipts: list[bytes]) -> None:
        """PUBACK, in order."""
        data = b"".join(receipts)
        self.in_flight -= len(data) // 4
        if self.client is not None:
            self.client.puback(data)


class BrokerSession:
    """The session of one unit. `facts` hears what the broker tells of itself; None: it is not asked."""

    def __init__(self, intake: Intake, broker: Broker, unit: Unit, hop: Hop, facts: BrokerFacts | None = None) -> None:
        self.unit = unit
        self.subscribed = asyncio.Event()
        """Set while the broker has accepted all our subscriptions."""
        self._hop = hop
        self._intake = intake
        self._broker = broker
        self._facts = facts
        self._client = FrameClient(self._on_run, lambda: self._intake.known, client_id=unit.client_id)
        self._client.on_message = self._on_message
        self._client.on_subscribe = self._on_subscribe
        self._line = PahoLoop(self._client, broker, self._on_down)
        self._link = _Link(self._client, hop)
        self._waiting_for_room = False
        self._stopped = False
        self._ousted: str | None = None
        self._patience_s = PATIENCE_S
        self._unanswered: dict[int, Sequence[str]] = {}

    async def run(self) -> None:
        """Connect, take in, and connect again when the broker is lost; until cancelled."""
        try:
            while not self._stopped:
                await until_done(f"broker {self._broker}", self._connect, pace=_PACE)
                self._ousted = None
                _log.info("connected to the broker", broker=str(self._broker), client=self.unit.client_id)
                began_s = monotonic_s()
                self._subscribe(self.unit.filters)
                if self._facts is not None:  # at QoS 0: nothing of it is to wait in our queue
                    self._client.subscribe([(one, SubscribeOptions(qos=0)) for one in TOPICS])
                await self._line.stay()
                self._weigh()
                await asyncio.sleep(self._away_s(monotonic_s() - began_s))
        finally:
            self._line.hang_up()

    def stop_reading(self) -> None:
        """Take nothing in any more; what was taken in is still acknowledged."""
        self._stopped = True
        self._line.hold()

    @property
    def in_flight(self) -> int:
        """Messages taken in that the log does not have yet."""
        return self._link.in_flight

    def trouble(self) -> str | None:
        """Why this unit's readings do not come from the broker now; None while they do."""
        if self.subscribed.is_set():
            return None
        if self._ousted is not None:
            return self._ousted
        if self._client.is_connected():
            return f"{self._broker} has not accepted every subscription"
        return f"no connection to {self._broker}"

    def use(self, unit: Unit) -> None:
        """From now on the filters are this unit's, which has the same client id."""
        before, self.unit = self.unit.filters, unit
        gone = [one for one in before if one not in unit.filters]
        if self._client.is_connected():
            self._subscribe([one for one in unit.filters if one not in before])
            if gone:
                self._client.unsubscribe(gone)

    # connecting

    async def _connect(self) -> None:
        self._link = _Link(self._client, self._hop)
        await self._line.connect(self._readable)

    def _weigh(self) -> None:
        """Why the connection ended: Mosquitto 2.0 closes it without a word when another comes under our id."""
        reason = self._line.reason
        if reason == Code.TAKEN_OVER:
            self._ousted = f"another client uses {self.unit.client_id} at {self._broker}"
        elif reason is None and self.unit.shared and self._ousted is None:
            self._ousted = f"{self._broker} closed the connection; perhaps another uses {self.unit.client_id} now"
        why = self._ousted or ("no reason given" if reason is None else f"reason {reason:#04x}")
        _log.warning("the broker is lost", broker=str(self._broker), client=self.unit.client_id, why=why)

    def _away_s(self, lasted_s: float) -> float:
        """How long to stay away. Who was thrown off lets the other work: two that fight serve nobody.

        Our share learns within this time whether the unit is still ours; if not, we are stopped meanwhile.
        """
        if self._ousted is None:
            return 1.0  # a broker that lets us in and throws us out is not asked at once again
        patience_s = self._patience_s if lasted_s < MOST_PATIENCE_S else PATIENCE_S
        self._patience_s = min(2 * patience_s, MOST_PATIENCE_S)
        return patience_s

    def _subscribe(self, filters: Sequence[str]) -> None:
        # Retained copies come once, with a new subscription, not at every reconnection.
        options = SubscribeOptions(qos=1, retainHandling=SubscribeOptions.RETAIN_SEND_IF_NEW_SUB)
        for at in range(0, len(filters), _FILTERS_AT_ONCE):
            some = filters[at : at + _FILTERS_AT_ONCE]
            code, identifier = self._client.subscribe([(one, options) for one in some])
            if code == MQTTErrorCode.MQTT_ERR_SUCCESS and identifier is not None:
                self._unanswered[identifier] = some

    # reading

    def _readable(self) -> None:
        if self._stopped:
            self._line.hold()
            return
        if self.unit.shared and monotonic_s() - self._line.ran_s > HELD_UP_S:
            self._doubt()
            return
        self._client.loop_read()
        if self._intake.full and self._client.socket() is not None:
            self._line.hold()
            if not self._waiting_for_room:  # else it waits already, for a connection that was lost meanwhile
                self._waiting_for_room = True
                self._intake.when_room(self._read_on)

    def _read_on(self) -> None:
        self._waiting_for_room = False
        if not self._stopped:
            self._line.release()

    def _doubt(self) -> None:
        """We were stopped: what waits in the socket may be another's by now, and older than what it has taken in.

        None of it is acknowledged, so the broker gives it to whoever comes next under this id.
        """
        self._ousted = f"held up for more than {HELD_UP_S:g} s: another may have {self.unit.client_id} now"
        self._line.hang_up()

    def _on_run(self, head: int, messages: list[Publish], identifiers: list[bytes]) -> None:
        receipt = b"\x40\x02" + b"\x40\x02".join(identifiers) if identifiers else b""
        if not identifiers and self._facts is not None:
            facts = self._facts
            messages = [one for one in messages if not facts.hear(*one)]
        self._take(messages, receipt, RETAINED if head & 1 else 0)

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        """A PUBLISH out of the ordinary, read by paho: MQTT 5 properties, QoS 2."""
        identifier = message.mid.to_bytes(2, "big")
        receipt = b"" if message.qos == 0 else (b"\x40\x02" if message.qos == 1 else b"\x70\x02") + identifier
        publish = message.topic.encode(), bytes(message.payload)
        if self._facts is None or not self._facts.hear(*publish):
            self._take([publish], receipt, RETAINED if message.retain else 0)

    def _take(self, messages: list[Publish], receipt: bytes, flags: int) -> None:
        if self.unit.mapped_only:
            messages = [one for one in messages if not one[0].startswith(_NATIVE)]
        self._link.in_flight += len(receipt) // 4
        self._intake.take(messages, self._link, receipt, flags)

    # the line and paho tell

    def _on_down(self) -> None:
        self._link.client = None
        self._unanswered.clear()
        self.subscribed.clear()

    def _on_subscribe(
        self, _client: Client, _data: Any, identifier: int, reasons: list[ReasonCode], _props: Any
    ) -> None:
        if identifier not in self._unanswered:
            return  # what the broker tells of itself is good to have, no more
        filters = self._unanswered.pop(identifier)
        refused = [one for one, reason in zip(filters, reasons, strict=False) if reason.is_failure]
        if refused:
            _log.error("the broker refuses subscriptions: no readings come from there", filters=refused)
        elif not self._unanswered:
            self.subscribed.set()
