"""Points and alarms of a site file, chosen by what people know of them, and where each attribute comes from."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hazardwatch.cli import app
from hazardwatch.config_explained import explained
from hazardwatch.selection import Selection
from hazardwatch.sites import load_site
from pipeline.sitefile.presets import LEVELS_SOURCE

GAS = "preset gas-combustible"
SITE = """\
schema: hazardwatch/site/v1
site: {id: park, language: zh-CN}
alarm_classes: {process: {latching: true}}
gateways: [{id: gw-a}, {id: gw-b}]
templates:
  tank:
    vars: [n, H]
    modes: [normal, cleaning]
    points:
      - id: LT-${n}
        name: {en: "Tank ${n} level", zh-CN: "${n} 罐液位"}
        quantity: level
        unit: m
        range: [0, 15]
        alarms:
          H: {setpoint: "${H}", deadband: 1%, on_delay: 5s, by_mode: {cleaning: {setpoint: 14}}}
installations:
  - id: TF1
    equipment:
      - {id: T-1, use: tank, gateway: gw-a, n: 1, H: 12}
      - {id: T-2, use: tank, gateway: gw-b, n: 2, H: 12, override: {LT-2/H: {on_delay: 10s, why: waves}}}
    points:
      - {id: PT-1, quantity: pressure, unit: bar, range: [0, 2], alarms: {HH: {setpoint: 95 kPa, class: safety}}}
      - {id: GT-1, alias: 2AI-7, quantity: gas_concentration, unit: "%LEL", range: [0, 100], preset: gas-combustible,
         alarms: {H: {setpoint: 20, latching: false, action: {zh-CN: 撤离}, why: kitchen}}}
      - {id: GT-2, quantity: gas_concentration, unit: ppm, gas: ammonia, preset: gas-toxic, alarms: {H: {setpoint: 30}}}
    alarms:
      apart: {type: deviation, point: LT-1, reference: LT-2, setpoint: 0.3}
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("site") / "plant.yaml"
    file.write_text(SITE, encoding="utf-8")
    return file


def run(*words: object) -> Any:
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (Selection(equipment="T-1"), ["LT-1"]),
        (Selection(equipment="TF1/T-2"), ["LT-2"]),
        (Selection(gateway="gw-b"), ["LT-2"]),
        (Selection(preset="gas-combustible"), ["GT-1"]),
        (Selection(alarm_class="safety"), ["PT-1"]),
        (Selection(priority="critical"), ["PT-1", "GT-1", "GT-2"]),
        (Selection(text="罐液位"), ["LT-1", "LT-2"]),
        (Selection(text="2ai"), ["GT-1"]),
        (Selection(text="撤离"), []),
        (Selection(installation="TF1", text="tank 2"), ["LT-2"]),
    ],
)
def test_points_are_chosen(site: Path, asked: Selection, found: list[str]) -> None:
    whole = load_site(site).site
    assert whole is not None
    assert [point.id for _, point in asked.points(whole.installations)] == found


def test_an_alarm_over_several_points_is_where_any_of_them_is(site: Path) -> None:
    told = json.loads(run("alarms", site, "--equipment", "T-2", "--priority", "medium", "--json").output)
    assert [one["alarm"] for one in told] == ["TF1/LT-2/H", "TF1/apart"]
    assert [one["alarm"] for one in json.loads(run("alarms", site, "--text", "撤离", "--json").output)] == [
        "TF1/GT-1/H"
    ]


def test_points_and_alarms_of_a_file_are_shown_as_table_json_and_csv(site: Path) -> None:
    assert "TF1/LT-1  1 罐液位" in run("points", site, "--equipment", "T-1").output
    [point] = json.loads(run("points", site, "--preset", "gas-combustible", "--json").output)
    assert (point["point"], point["alias"], point["origin"]["preset"]) == ("TF1/GT-1", "2AI-7", "written, line 24")
    [row] = csv.DictReader(io.StringIO(run("points", site, "--class", "safety", "--csv").output))
    assert (row["point"], row["range"], row["alarms"]) == ("TF1/PT-1", "0 .. 2", "HH")
    [row] = csv.DictReader(io.StringIO(run("alarms", site, "--class", "safety", "--csv").output.removeprefix("\ufeff")))
    assert (row["alarm"], row["setpoint"], row["setpoint from"]) == ("TF1/PT-1/HH", "0.95", "written, line 23")
    assert "TF1/PT-1/HH  high  safety  critical  0.95" in run("alarms", site, "--class", "safety").output


@pytest.mark.parametrize("verb", ["points", "alarms"])
def test_a_name_that_is_nowhere_is_no_empty_list(site: Path, verb: str) -> None:
    told = run(verb, site, "--gateway", "gw-c", "--preset", "gas-combustable")
    assert told.exit_code == 2
    assert "there is no gateway gw-c: gw-a, gw-b (did you mean gw-" in told.stderr
    assert "did you mean gas-combustible?" in told.stderr


@pytest.mark.parametrize(
    ("alarm", "attribute", "told"),
    [
        ("TF1/LT-1/H", "setpoint", ("12", "equipment, line 20 (template tank, line 16)", None, [])),
        ("TF1/LT-1/H", "deadband", ("0.15", "template tank, line 16", "1%", [])),
        ("TF1/LT-2/H", "on_delay", ("10s", "override, line 21: waves", None, ["5s (template tank, line 16)"])),
        ("TF1/LT-2/H", "by_mode.cleaning.setpoint", ("14", "template tank, line 16", None, [])),
        ("TF1/LT-1/H", "latching", ("yes", "class process", None, [])),
        ("TF1/PT-1/HH", "setpoint", ("0.95", "written, line 23", "95 kPa", [])),
        ("TF1/PT-1/HH", "realarm", ("15min", "class safety", None, [])),
        ("TF1/GT-1/H", "setpoint", ("20", "written, line 25: kitchen", None, ["25 (preset gas-combustible)"])),
        ("TF1/GT-1/H", "latching", ("no", "written, line 25: kitchen", None, [f"yes ({GAS})", "yes (class process)"])),
        ("TF1/GT-1/HH", "setpoint", ("50", f"{GAS}: {LEVELS_SOURCE}", None, [])),
        ("TF1/GT-2/H", "setpoint", ("30", "written, line 26", None, ["28.2 (preset gas-toxic)"])),
        ("TF1/apart", "setpoint", ("0.3", "written, line 28", None, [])),
        ("TF1/LT-2", "gateway", ("gw-b", "equipment T-2", None, [])),
    ],
)  # fmt: skip
def test_an_attribute_says_where_it_comes_from_and_what_it_hides(
    site: Path, alarm: str, attribute: str, told: tuple[str, str, str | None, list[str]]
) -> None:
    rows = explained(load_site(site), alarm)
    assert rows is not None
    assert [row[1:] for row in rows if row.attribute == attribute] == [told]


def test_explain_config_of_what_is_not_there_says_what_may_be_meant(site: Path) -> None:
    told = run("explain-config", site, "TF1/LT-1/HHH")
    assert (told.exit_code, told.stderr) == (2, "there is no alarm or point TF1/LT-1/HHH (did you mean TF1/LT-1/H?)\n")
    assert run("explain-config", site, "TF1/LT-1/H").exit_code == 0
    assert run("explain-config", site, "TF1/LT-1/H", "more").exit_code == 2


def test_a_list_goes_out_and_comes_back_on_the_command_line(tmp_path: Path) -> None:
    file, list_ = tmp_path / "plant.yaml", tmp_path / "alarms.csv"
    file.write_text(SITE + "people: [{id: li, name: Li}]\n", encoding="utf-8")
    file.chmod(0o640)
    assert run("table", "export", file, "-o", list_).exit_code == 0
    assert run("table", "export", file, "-o", tmp_path / "alarms.ods").exit_code == 2
    assert (run("table", "diff", file, list_).exit_code, run("table", "diff", file, list_).stdout) == (
        0,
        "no difference\n",
    )
    text = list_.read_text(encoding="utf-8-sig")
    list_.write_text(text.replace(",0.3,", ",0.35,", 1), encoding="utf-8")
    told = json.loads(run("table", "diff", file, list_, "--json").stdout)
    assert [(one["alarm"], one["before"], one["after"], one["line"]) for one in told["changes"]] == [
        ("TF1/apart", 0.3, 0.35, 28)
    ]
    wrong = run("table", "apply", file, list_, "--by", "lii", "--note", "review")
    assert (wrong.exit_code, "did you mean li?" in wrong.stderr) == (2, True)
    list_.write_text(text.replace(",0.3,", ",much,", 1), encoding="utf-8")
    assert run("table", "apply", file, list_, "--by", "li", "--note", "review").exit_code == 1
    assert file.read_text(encoding="utf-8").startswith(SITE)
    list_.write_text(text.replace(",0.3,", ",0.35,", 1), encoding="utf-8")
    assert run("table", "apply", file, list_, "--by", "li", "--note", "review").exit_code == 0
    assert file.read_text(encoding="utf-8").startswith(SITE.replace("setpoint: 0.3}", "setpoint: 0.35}"))
    assert (file.stat().st_mode & 0o777, sorted(one.name for one in tmp_path.iterdir())) == (
        0o640, ["alarms.csv", "plant.yaml"],
    )  # fmt: skip
