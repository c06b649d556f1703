"""The pipeline one writes in an afternoon: paho in, aiokafka between, thresholds in a dict, psycopg out.

`python -m benchmarks.peers.plain_pipeline MQTT_PORT KAFKA DSN TOPIC COUNT`: one process, the libraries' stock settings
but acks=all. It says "subscribed", then, when COUNT readings are in the database, how many seconds that took from
the first message and its own CPU seconds. It has no admission, no deadband, no replay; paho acknowledges a message
before Kafka has it, and a crash loses what is between.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from typing import Any

import psycopg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

_SUBSCRIPTION = "hazardwatch/v1/#"
_ROWS = 1_000
_LEVELS = {"HH": 90.0, "H": 85.0}


class _Door:
    """paho in its own thread; messages go over to the event loop."""

    def __init__(self, port: int) -> None:
        self.queue: asyncio.Queue[tuple[str, bytes | bytearray]] = asyncio.Queue()
        self.began = 0.0
        self._loop = asyncio.get_running_loop()
        self._client = Client(CallbackAPIVersion.VERSION2, client_id="plain")
        self._client.on_message = self._on_message
        self._client.on_subscribe = self._on_subscribe
        self._client.connect("127.0.0.1", port)
        self._client.subscribe(_SUBSCRIPTION, qos=1)
        self._client.loop_start()

    def _on_subscribe(self, *_: Any) -> None:
        sys.stdout.write("subscribed\n")
        sys.stdout.flush()

    def _on_message(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        self.began = self.began or time.monotonic()
        self._loop.call_soon_threadsafe(self.queue.put_nowait, (message.topic, message.payload))

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


async def _to_kafka(door: _Door, producer: Any, topic: str) -> None:
    while True:
        name, payload = await door.queue.get()
        await producer.send(topic, payload, key=name.encode())


async def _to_database(consumer: Any, dsn: str, count: int) -> None:
    standing: dict[tuple[str, str], bool] = {}
    rows: list[tuple[str, float, float]] = []
    stored = 0
    async with await psycopg.AsyncConnection.connect(dsn) as link:
        await link.execute("create table plain (point text, time timestamptz, value float8)")
        await link.execute("create table plain_alarm (point text, level text, time timestamptz)")
        async for record in consumer:
            point, reading = record.key.decode(), json.loads(record.value)
            value, at = reading["value"], reading["time"] / 1000
            for level, setpoint in _LEVELS.items():
                beyond = value >= setpoint
                if beyond and not standing.get((point, level)):
                    await link.execute("insert into plain_alarm values (%s, %s, to_timestamp(%s))", (point, level, at))
                standing[point, level] = beyond
            rows.append((point, at, value))
            if len(rows) == _ROWS or stored + len(rows) == count:
                async with link.cursor() as cursor:
                    await cursor.executemany("insert into plain values (%s, to_timestamp(%s), %s)", rows)
                await link.commit()
                stored, rows = stored + len(rows), []
            if stored == count:
                return


async def _run(port: int, kafka: str, dsn: str, topic: str, count: int) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=kafka, acks="all")
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=kafka, auto_offset_reset="earliest")
    await producer.start()
    await consumer.start()
    door = _Door(port)
    sending = asyncio.create_task(_to_kafka(door, producer, topic))
    await _to_database(consumer, dsn, count)
    took = time.monotonic() - door.began
    sending.cancel()
    door.close()
    await consumer.stop()
    await producer.stop()
    used = resource.getrusage(resource.RUSAGE_SELF)
    sys.stdout.write(f"{took} {used.ru_utime + used.ru_stime}\n")


if __name__ == "__main__":
    asyncio.run(_run(int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4], int(sys.argv[5])))
