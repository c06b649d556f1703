"""The JSON Schema for editors: takes what `check` takes, refuses misspelt keys, and its examples are true."""

from __future__ import annotations

import copy
import json
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from pydantic import BaseModel, TypeAdapter
from typer.testing import CliRunner

from hazardwatch.cli import app
from pipeline.sitefile import written_file, written_site
from pipeline.sitefile.document import SECTIONS
from pipeline.sitefile.schema import json_schema
from pipeline.sitefile.schema_plain import as_json, example
from pipeline.sitefile.tree import Mark, parse, parse_cell

ROOT = Path(__file__).parents[2]
SCHEMA = json_schema()
VALIDATOR = Draft7Validator(SCHEMA)
GOOD = sorted([*(ROOT / "tests" / "good_sites").glob("*.yaml"), *(ROOT / "tests" / "sites").glob("*.yaml")])
WHOLE = ROOT / "tests" / "sites" / "small.yaml"
FREE = {"states", "quality_map", "options", "by_mode", "agree"}
"""Keys below which names and values are free."""
NAMED = {*FREE, "alarms", "alarm_classes", "presets", "templates", "channels", "override", "tell"}
"""Keys below which things have names."""


def site(path: Path) -> Any:
    tree, troubles = parse(path.read_text(encoding="utf-8-sig"), str(path))
    assert troubles == []
    return as_json(tree)


def wrong(data: Any) -> list[str]:
    return [error.message for error in VALIDATOR.iter_errors(data)]


def test_the_schema_is_a_schema() -> None:
    Draft7Validator.check_schema(SCHEMA)
    text = CliRunner().invoke(app, ["schema"]).stdout
    assert json.loads(text) == SCHEMA


@pytest.mark.parametrize("path", GOOD, ids=lambda path: str(path.stem))
def test_a_good_site_has_no_fault_in_an_editor(path: Path) -> None:
    assert wrong(site(path)) == []


def test_the_site_of_the_contract_has_no_fault_in_an_editor() -> None:
    path = ROOT.parent / "shared" / "contract" / "site.yaml"
    if not path.exists():
        pytest.skip("the contract is not here")
    assert wrong(site(path)) == []


def _keys(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of all keys that are the program's words, not names of the plant."""
    if isinstance(node, dict):
        named = bool(path) and path[-1] in NAMED
        for key, value in node.items():
            if not named:
                yield (*path, key)
            if not (path and path[-1] in FREE - {"by_mode"}):
                yield from _keys(value, (*path, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _keys(value, (*path, index))


def test_every_misspelt_key_of_a_site_is_refused() -> None:
    whole = site(WHOLE)
    variables = set(whole["templates"]["tank"]["vars"])
    keys = [path for path in _keys(whole) if path[-1] not in variables]
    assert len(keys) > 100
    taken = []
    for *above, key in keys:
        data = copy.deepcopy(whole)
        node = data
        for step in above:
            node = node[step]
        node[f"{key}x"] = node.pop(key)
        with_use = isinstance(node, dict) and ("use" in node or key == "use") and above[-2:-1] == ["equipment"]
        if not with_use and not wrong(data):  # beside `use` any key may be a variable of the template
            taken.append((*above, key))
    assert taken == []


MISSPELT = [
    path
    for path in sorted((ROOT / "tests" / "bad_sites").glob("*.yaml"))
    if path.stem.startswith(("misspelt_", "unknown_key_")) and path.stem != "misspelt_variable"
]


@pytest.mark.parametrize("path", MISSPELT, ids=lambda path: str(path.stem))
def test_what_check_calls_misspelt_is_refused(path: Path) -> None:
    assert wrong(site(path)) != []


def _fields() -> Iterator[tuple[type[BaseModel], str]]:
    models: list[type[BaseModel]] = [written_file.SiteWritten, written_site.PresetWritten]
    models += [one for _, of_section in SECTIONS for one in of_section]
    for model in dict.fromkeys(models):
        yield from ((model, name) for name in model.model_fields)


@pytest.mark.parametrize(
    ("model", "name"), list(_fields()), ids=lambda one: one if isinstance(one, str) else one.__name__
)
def test_every_key_has_an_example_that_the_program_and_the_schema_take(model: type[BaseModel], name: str) -> None:
    field = model.model_fields[name]
    assert field.examples
    assert field.description
    hint = typing.get_type_hints(model, include_extras=True)[name]
    of_model = SCHEMA if model is written_file.SiteWritten else SCHEMA["definitions"].get(model.__name__)
    for text in field.examples:
        value = example(text)
        TypeAdapter(hint).validate_python(parse_cell(text, Mark(1, 1))[0], strict=True)
        if of_model is not None:  # a base of several kinds of alarms has no definition of its own
            key = of_model["properties"][field.alias or name]
            faults = Draft7Validator({**key, "definitions": SCHEMA["definitions"]}).iter_errors(value)
            assert [error.message for error in faults] == []


def test_hover_texts_stand_beside_every_key() -> None:
    names = ("PointWritten", "LevelAlarm", "EquipmentWritten", "InstallationWritten", "ChangedAlarm")
    for name in names:
        keys = SCHEMA["definitions"][name]["properties"]
        assert [key for key, value in keys.items() if "description" not in value] == []


TEMPLATE = """
templates:
  tank:
    vars: [n, top, HH, on]
    points:
      - {id: "LT-${n}", quantity: level, unit: m, range: [0, "${top}"], enabled: "${on}",
         alarms: {HH: {setpoint: "${HH}", on_delay: "${n}"}}}
"""


def test_a_variable_may_stand_for_any_value_in_a_template_and_nowhere_else() -> None:
    tree, _ = parse(TEMPLATE)
    assert wrong(as_json(tree)) == []
    outside, _ = parse('installations: [{id: A, points: [{id: L, quantity: level, unit: m, range: [0, "${top}"]}]}]\n')
    assert wrong(as_json(outside)) != []


def test_a_whole_alarm_needs_its_setpoint_and_a_changed_one_does_not() -> None:
    def point(more: str) -> list[str]:
        head = "{id: G, quantity: gas_concentration, gas: methane, unit: '%LEL', range: [0, 100]"
        tree, _ = parse(f"installations: [{{id: A, points: [{head}, {more}}}]}}]\n")
        return wrong(as_json(tree))

    assert point("alarms: {H: {deadband: 1}}") == ["'setpoint' is a required property"]
    assert point("preset: gas-combustible, alarms: {H: {deadband: 1}}") == []
    assert point("preset: gas-combustible, alarms: {H: {deadbnd: 1}}") != []


def test_included_files_need_neither_schema_nor_site() -> None:
    assert wrong({"people": [{"id": "li"}]}) == []
    assert wrong({"site": {"id": "works"}}) == ["'schema' is a dependency of 'site'"]
    assert wrong({"peple": []}) != []
