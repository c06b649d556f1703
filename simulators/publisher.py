"""The demo plant's gateway: every reading one MQTT message, kept until the service has acknowledged it.

QoS 1 and a persistent session: what was not acknowledged when the service went away is sent again when it is back,
in order and with its first time. It makes no readings and does not know what becomes of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

KEPT = 60_000
"""So many unacknowledged messages are kept at most (4 minutes of the demo): MQTT has 65,535 numbers for them."""
_IN_FLIGHT = 200


class Publisher:
    """One MQTT client with a thread of its own; used from one other thread.

    `published`: readings handed over. `acknowledged`: of these, on the service's disk. `refused`: readings that found
    no room among those kept and are lost, as in any gateway that is cut off for too long. Each is written by one
    thread only.
    """

    def __init__(self, host: str, port: int, installation: str) -> None:
        self.published = 0
        self.acknowledged = 0
        self.refused = 0
        self._topic = f"hazardwatch/v1/{installation}/"
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id=f"demo-gateway-{installation}", clean_session=False
        )
        self._client.max_inflight_messages_set(_IN_FLIGHT)
        self._client.max_queued_messages_set(KEPT)
        self._client.reconnect_delay_set(min_delay=1, max_delay=1)
        self._client.on_publish = self._on_publish
        self._client.connect_async(host, port, keepalive=30)

    def start(self, on_connect: Callable[[], object]) -> None:
        """Connect, and again for ever, in the client's own thread, which calls `on_connect` each time."""

        def connected(_client: mqtt.Client, _data: object, *_said: object) -> None:
            on_connect()

        self._client.on_connect = connected
        self._client.loop_start()

    def send(self, readings: Mapping[str, float], time_ms: int) -> None:
        """Every reading with its device time, epoch ms. Returns at once; the service may be away."""
        for point, value in readings.items():
            body = json.dumps({"value": value, "time": time_ms})
            # Counted first: the acknowledgement may come, in the other thread, before publish returns.
            self.published += 1
            if self._client.publish(self._topic + point, body, qos=1).rc == MQTTErrorCode.MQTT_ERR_QUEUE_SIZE:
                self.published -= 1
                self.refused += 1

    def stop(self) -> None:
        """Close the connection and the thread. What is not acknowledged now is lost with this process."""
        self._client.disconnect()
        self._client.loop_stop()

    def _on_publish(
        self, _client: mqtt.Client, _data: object, _mid: int, _code: ReasonCode, _properties: Properties
    ) -> None:
        self.acknowledged += 1
