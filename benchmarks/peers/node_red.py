"""Node-RED with an MQTT subscriber and a function node that compares with thresholds; installed by npm, not kept.

It has no durable log and no history here: what it does is the least of what hazardwatch does with a reading.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

VERSION = "node-red@4"
INSTALLED = "BENCH_NODE_RED"
"""Environment variable that names a folder where npm has installed it already."""
DONE = "peer/done"

_FUNCTION = """
const counted = context.get('counted') || {count: 0, began: 0, standing: {}};
if (!counted.count) counted.began = Date.now();
counted.count += 1;
const value = JSON.parse(msg.payload).value;
const out = [];
for (const [level, setpoint] of [['HH', 90], ['H', 85]]) {
  const key = msg.topic + '/' + level;
  if (value >= setpoint && !counted.standing[key]) out.push({topic: 'peer/alarm', payload: key});
  counted.standing[key] = value >= setpoint;
}
context.set('counted', counted);
if (counted.count === COUNT) out.push({topic: 'DONE', payload: String(Date.now() - counted.began)});
return [out];
"""


def _flow(port: int, count: int) -> list[dict[str, object]]:
    function = _FUNCTION.replace("COUNT", str(count)).replace("DONE", DONE)
    broker: dict[str, object] = {
        "id": "broker",
        "type": "mqtt-broker",
        "broker": "127.0.0.1",
        "port": str(port),
        "clientid": "node-red",
    }
    broker |= {"autoConnect": True, "usetls": False, "protocolVersion": "4", "keepalive": "60", "cleansession": True}
    place: dict[str, object] = {"z": "tab", "x": 100, "y": 100}
    subscribe: dict[str, object] = {
        "id": "in",
        "type": "mqtt in",
        "topic": "hazardwatch/v1/#",
        "qos": "1",
        "datatype": "utf8",
    }
    return [
        {"id": "tab", "type": "tab", "label": "bench"},
        broker,
        {**place, **subscribe, "broker": "broker", "wires": [["limits"]]},
        {**place, "id": "limits", "type": "function", "func": function, "outputs": 1, "wires": [["out"]]},
        {**place, "id": "out", "type": "mqtt out", "topic": "", "qos": "1", "broker": "broker", "wires": []},
    ]


def _program(folder: Path) -> Path:
    """node-red's main file, installed into `folder` unless it is named by the environment. Takes a minute or two."""
    home = Path(os.environ.get(INSTALLED) or folder / "npm")
    file = home / "node_modules" / "node-red" / "red.js"
    if not file.exists():
        home.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--no-audit", "--no-fund", "--silent", VERSION]
        done = subprocess.run(command, cwd=home, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"npm could not install {VERSION}: {done.stderr[-500:]}")
    return file


@contextlib.contextmanager
def node_red(folder: Path, mqtt_port: int, http_port: int, count: int) -> Iterator[int]:
    """Serving with the flow; gives its process id. After `count` messages it publishes the ms they took to DONE."""
    program = _program(folder)
    home = folder / "node-red"
    home.mkdir()
    (home / "flows.json").write_text(json.dumps(_flow(mqtt_port, count)))
    (home / "settings.js").write_text(
        f"module.exports = {{uiHost: '127.0.0.1', uiPort: {http_port}, flowFile: 'flows.json', httpAdminRoot: false, "
        "logging: {console: {level: 'warn'}}, telemetry: {enabled: false}};"
    )
    with (home / "output").open("wb") as output:
        process = subprocess.Popen(["node", str(program), "-u", str(home)], stdout=output, stderr=output)
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(30)
