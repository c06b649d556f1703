"""`python -m examples.large.generate OUT.yaml`: one site file of a chemical park, 60 installations of 500 points each.

Six kinds of installation in turn, of the equipment in templates.yaml. It draws nothing by lot: the same file each time.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

INSTALLATIONS, POINTS = 60, 500
# Points of one equipment by template; a meter has two and fills up what is left.
SIZES = {"tank": 8, "vessel": 4, "reactor": 6, "pump": 3, "gas": 1, "toxic": 1, "meter": 2}
KINDS = (
    ("tank farm", "罐区", {"tank": 30, "pump": 24, "gas": 60, "toxic": 12}),
    ("distillation", "精馏装置", {"vessel": 50, "pump": 30, "gas": 48, "toxic": 24}),
    ("batch reactors", "釜式反应装置", {"reactor": 24, "vessel": 20, "pump": 24, "gas": 36, "toxic": 24}),
    ("ammonia refrigeration", "氨制冷", {"vessel": 40, "pump": 40, "toxic": 60}),
    ("hydrogenation", "加氢装置", {"reactor": 12, "vessel": 36, "pump": 20, "gas": 72}),
    ("loading and store", "装卸与仓储", {"tank": 16, "vessel": 12, "pump": 36, "gas": 84, "toxic": 36}),
)
GASES = ("ammonia", "hydrogen sulfide", "carbon monoxide", "benzene")
HEAD = """schema: hazardwatch/site/v1
site: {id: large-park, name: {en: Large chemical park, zh-CN: 大型化工园区}, timezone: Asia/Shanghai, language: zh-CN}
"""
TAIL = """people:
  - {id: desk-phone, name: 园区值班室, phone: "+8613800009001"}
  - {id: duty-phone, name: 园区总值班, phone: "+8613800009002"}
channels:
  sms: {type: sms_http, url: "https://sms.example/send", secret_env: HAZARDWATCH_SMS_SECRET}
  control-room: {type: webhook, url: "https://alarms.example/hook", secret_env: HAZARDWATCH_WEBHOOK_SECRET}
notify:
  always: [control-room]
  escalations:
    - match: {priority: [critical, high]}
      repeat: 5min
      steps: [{after: 0s, to: owner, by: [sms]}, {after: 5min, to: owner+1, by: [sms]}]
    - match: {priority: [medium, low]}
      steps: [{after: 1min, to: owner, by: [sms]}]
warnings:
  rules:
    - {level: yellow, when: {priority: high, lasting: 5min}}
    - {level: orange, when: {priority: critical}}
    - {level: red, when: {class: [safety]}}
"""


def text(installations: int = INSTALLATIONS) -> str:
    """The site file."""
    templates = (Path(__file__).parent / "templates.yaml").read_text(encoding="utf-8")
    numbers = range(1, installations + 1)
    lines = [HEAD, templates, "gateways:"]
    lines += [f"  - {{id: gw-{number:02}-{box}, heartbeat: 1min}}" for number in numbers for box in "abcd"]
    lines.append("installations:")
    for number, (english, chinese, mix) in zip(numbers, cycle(KINDS), strict=False):
        lines += _installation(number, english, chinese, mix)
    lines += ["positions:", "  - {id: park-duty, level: company, people: [duty-phone]}"]
    lines += [f"  - {{id: desk-{n:02}, level: post, reports_to: park-duty, people: [desk-phone]}}" for n in numbers]
    return "\n".join(lines) + "\n" + TAIL


def _installation(number: int, english: str, chinese: str, mix: dict[str, int]) -> Iterator[str]:
    yield f"  - id: U{number:02}"
    yield f"    name: {{en: Unit {number} {english}, zh-CN: {number} 号{chinese}}}"
    yield f"    major_hazard_grade: {1 + number % 4}"
    yield f"    owner: desk-{number:02}"
    yield "    equipment:"
    left = POINTS - sum(SIZES[name] * count for name, count in mix.items())
    whole = mix | {"meter": left // SIZES["meter"]}
    boxes = cycle(f"gw-{number:02}-{box}" for box in "abcd")
    for place, (name, count) in enumerate(whole.items(), start=1):
        gases = cycle(GASES)
        for unit in range(1, count + 1):
            n = f"{place}{unit:02}"
            more = {"tank": ", top: 12.5", "vessel": ", design: 2.5", "toxic": f", gas: {next(gases)}"}.get(name, "")
            yield f"      - {{id: {name}-{n}, use: {name}, gateway: {next(boxes)}, n: {n}{more}}}"
    if alarms := list(_alarms(whole)):
        yield "    alarms:"
        yield from alarms


def _alarms(mix: dict[str, int]) -> Iterator[str]:
    """A vote over every four detectors, and both gauges of every tank and both thermometers of every reactor."""
    for place, (name, count) in enumerate(mix.items(), start=1):
        numbers = iter(f"{place}{unit:02}" for unit in range(1, count + 1))
        if name in ("gas", "toxic"):
            letter = "GT" if name == "gas" else "AT"
            while area := list(islice(numbers, 4)):
                members = ", ".join(f"{letter}-{n}/H" for n in area)
                yield f"      {name}-{area[0]}: {{type: vote, need: 2, of: [{members}], class: safety}}"
        if name == "tank":
            for n in numbers:
                pair = f"point: LT-{n}, reference: LT-{n}B, setpoint: 0.3, deadband: 0.05"
                yield f"      gauges-{n}: {{type: deviation, {pair}, on_delay: 30s, priority: low}}"
        if name == "reactor":
            for n in numbers:
                pair = f"point: TT-{n}A, reference: TT-{n}B, setpoint: 3, deadband: 1"
                yield f"      thermometers-{n}: {{type: deviation, {pair}, on_delay: 30s, priority: medium}}"


def main() -> None:
    """The file is given."""
    if len(sys.argv) != 2:
        sys.exit("usage: python -m examples.large.generate OUT.yaml")
    Path(sys.argv[1]).write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
