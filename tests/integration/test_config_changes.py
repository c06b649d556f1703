"""Changes of the configuration of a running service: proposed, approved, overridden, and kept over kill -9."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hazardwatch.cli import app
from tests.running import Service

SITE = """
schema: hazardwatch/site/v1
site: {id: plant, name: {en: plant, zh-CN: 厂}, timezone: Asia/Shanghai, language: en}
installations:
  - id: A
    name: {en: A, zh-CN: A}
    points:
      - {id: LT, name: {en: level, zh-CN: 液位}, quantity: level, unit: m, range: [0, 10], stale_after: 10min, alarms: {H: {setpoint: 8, priority: high}}}
people:
  - {id: li, name: Li, phone: "+8613800000001"}
  - {id: wu, name: Wu, phone: "+8613800000002"}
"""  # noqa: E501  # one point, one line
OVERRIDE = "SYSTEM/config-override/IN-FORCE"


class Plant:
    """A service and its site file."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "site.yaml"
        self.write(8)
        self.service = Service(self.file, folder / "data")

    def write(self, setpoint: float) -> Path:
        self.file.write_text(SITE.replace("setpoint: 8", f"setpoint: {setpoint}"), encoding="utf-8")
        return self.file

    def start(self) -> None:
        self.service.start()
        self.service.wait_ready()

    def hazardwatch(self, *words: object) -> tuple[int, Any]:
        """Exit code and JSON."""
        environment = {"HAZARDWATCH_DATA": str(self.service.data)}
        result = CliRunner().invoke(app, [*map(str, words), "--json"], env=environment)
        return result.exit_code, json.loads(result.stdout) if result.stdout.strip() else result.stderr

    def setpoint(self) -> float:
        environment = {"HAZARDWATCH_DATA": str(self.service.data)}
        result = CliRunner().invoke(app, ["config", "show", "--whole"], env=environment)
        points = {one["id"]: one for here in json.loads(result.stdout)["installations"] for one in here["points"]}
        found: float = points["LT"]["alarms"][0]["setpoint"]
        return found

    def standing(self) -> set[str]:
        return {one["alarm"] for one in self.hazardwatch("alarms")[1] if one["state"] == "UNACK"}

    def outcomes(self) -> list[str]:
        return [one["outcome"] for one in self.hazardwatch("config", "history")[1]]


@pytest.fixture
def plant(tmp_path: Path) -> Iterator[Plant]:
    made = Plant(tmp_path)
    made.start()
    try:
        yield made
    finally:
        made.service.stop()


def _until(so: Callable[[], bool], within_s: float = 30) -> None:
    end = time.monotonic() + within_s
    while not so():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_changes_are_decided_by_two_people_and_survive_a_kill(plant: Plant) -> None:
    code, tighter = plant.hazardwatch("apply", plant.write(7.5), "--by", "li", "--note", "tighter")
    assert (code, tighter["outcome"]) == (0, "in_force")
    assert plant.setpoint() == 7.5

    _, looser = plant.hazardwatch("apply", plant.write(8.5), "--by", "li", "--note", "noise")
    assert (looser["outcome"], looser["differences"][0]["reason"]) == ("pending", "limit_moved_away")
    number = looser["change"]
    assert plant.setpoint() == 7.5
    plant.write(7.5)  # what is not approved must not come in force by a start
    plant.service.kill()
    plant.start()

    assert plant.hazardwatch("approve", number, "--by", "li")[1]["reason"] == "same_person"
    code, approved = plant.hazardwatch("approve", number, "--by", "wu")
    assert (code, approved["outcome"], approved["second"]) == (0, "approved", "wu")
    assert plant.setpoint() == 8.5

    override = plant.hazardwatch(
        "apply", plant.write(9), "--by", "li", "--note", "alone", "--emergency", "--for", "12s"
    )
    assert override[1]["outcome"] == "in_force"
    assert plant.setpoint() == 9.0
    _until(lambda: OVERRIDE in plant.standing())
    plant.service.kill()
    plant.start()
    _until(lambda: plant.outcomes()[-1] == "ended")
    assert plant.setpoint() == 8.5
    _until(lambda: OVERRIDE not in plant.standing())
    assert plant.outcomes() == ["found", "found", "in_force", "pending", "refused", "approved", "in_force", "ended"]


def test_a_start_with_a_changed_file_puts_it_in_force_and_says_that_nobody_applied_it(plant: Plant) -> None:
    plant.service.stop()
    plant.write(9)
    plant.start()
    _until(lambda: "SYSTEM/config-approval/UNAPPROVED" in plant.standing())
    assert plant.setpoint() == 9.0
    found = plant.hazardwatch("config", "history")[1][-1]
    assert (found["outcome"], found["by"], found["loosens"]) == ("found", "file", True)
    _, applied = plant.hazardwatch("apply", plant.file, "--by", "li", "--note", "was agreed")
    assert applied["outcome"] == "pending"
    assert plant.hazardwatch("approve", applied["change"], "--by", "wu")[0] == 0
    _until(lambda: "SYSTEM/config-approval/UNAPPROVED" not in plant.standing())
