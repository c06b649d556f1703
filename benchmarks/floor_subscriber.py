"""A bare paho subscriber that only counts: `python -m benchmarks.floor_subscriber PORT COUNT`.

It prints a line when it is subscribed, and one when COUNT messages came: the seconds from the first to the last of
them and its own CPU seconds.
"""

from __future__ import annotations

import resource
import sys
import time
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

_TOPIC = "hazardwatch/v1/#"


def main(port: int, count: int) -> None:
    """Blocks until all of them came."""
    came = 0
    began = 0.0

    def on_message(client: Client, _data: object, _message: MQTTMessage) -> None:
        nonlocal came, began
        if not came:
            began = time.monotonic()
        came += 1
        if came == count:
            client.disconnect()

    def on_subscribe(*_: Any) -> None:
        sys.stdout.write("subscribed\n")
        sys.stdout.flush()

    client = Client(CallbackAPIVersion.VERSION2, client_id="bare")
    client.on_message = on_message
    client.on_subscribe = on_subscribe
    client.connect("127.0.0.1", port)
    client.subscribe(_TOPIC, qos=1)
    client.loop_forever()
    used = resource.getrusage(resource.RUSAGE_SELF)
    sys.stdout.write(f"{time.monotonic() - began} {used.ru_utime + used.ru_stime}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
