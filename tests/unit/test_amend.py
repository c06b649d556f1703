"""A key of a YAML text is set, changed or removed, and no other character moves."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.sitefile.amend import REMOVED, Patch, amended
from pipeline.sitefile.layout import mappings
from pipeline.sitefile.tree import Mapping, Sequence, parse

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "tests" / "good_sites").glob("*.yaml"))


def below(text: str, patch: Patch) -> str:
    """`text` stands below a key of a larger one."""
    whole = "s: 0\nr:\n" + textwrap.indent(text, "  ")
    tree, troubles = parse(whole)
    assert tree is not None
    assert not troubles
    mark = tree["r"].mark
    return amended(whole, {(mark.line, mark.column): patch}).removeprefix("s: 0\nr:\n")


@pytest.mark.parametrize(
    ("before", "patch", "after"),
    [
        ("a: 1   # one\nb: 2\n", {"a": 3.0}, "a: 3   # one\nb: 2\n"),
        ("a: 1\nb: 2", {"c": "x y"}, "a: 1\nb: 2\nc: x y"),
        ("a: 1\r\nb: 2\r\n", {"c": True}, "a: 1\r\nb: 2\r\nc: true\r\n"),
        ("a: 1 # last\n# end\n", {"c": 0.5}, "a: 1 # last\nc: 0.5\n# end\n"),
        ("a: {b: 1, c: 2}  # x\n", {"a": {"d": "5s"}}, "a: {b: 1, c: 2, d: 5s}  # x\n"),
        ("a: {b: 1,\n    c: 2 # two\n   }\n", {"a": {"d": 3.0}}, "a: {b: 1,\n    c: 2, d: 3 # two\n   }\n"),
        ("a: {}\n", {"a": {"d": 3.0}}, "a: {d: 3}\n"),
        ("a: {b: 1, c: 2, d: 3}\n", {"a": {"b": REMOVED}}, "a: {c: 2, d: 3}\n"),
        ("a: {b: 1, c: 2, d: 3}\n", {"a": {"c": REMOVED, "d": REMOVED, "e": 4.0}}, "a: {b: 1, e: 4}\n"),
        ("a: {b: 1, c: 2}\n", {"a": {"b": REMOVED, "c": REMOVED}}, "a: {}\n"),
        ("a:\n  b: 1\n  c: 2  # gone too\nd: 4\n", {"a": {"c": REMOVED}}, "a:\n  b: 1\nd: 4\n"),
        ("a:\n  b: 1\n  c: 2\n", {"a": {"b": REMOVED}}, "a:\n  c: 2\n"),
        ("a:\n  b: 1\nd: 4\n", {"a": {"b": REMOVED}}, "a:\n  {}\nd: 4\n"),
        ("a:\n  b: |\n    long\n    text\n\n# c\nc: 1\n", {"a": {"b": "short"}}, "a:\n  b: short\n\n# c\nc: 1\n"),
        ("a:\n  b:\n    c: 1\n\n# d\nd: 1\n", {"a": {"e": 2.0}}, "a:\n  b:\n    c: 1\n  e: 2\n\n# d\nd: 1\n"),
        ("a: 'x'\nb: \"y\"\n", {"a": "it's", "b": "plain"}, "a: 'it''s'\nb: \"plain\"\n"),
        ("a: x\n", {"a": {"en": "x", "zh-CN": "罐"}}, "a: {en: x, zh-CN: 罐}\n"),
        ("a: 1\n", {"o": {"P/H": {"b": "5s", "why": "No: 7"}}}, 'a: 1\no:\n  P/H: {b: 5s, why: "No: 7"}\n'),
        ("{a: 1}", {"o": {"P/H": {"b": 2.0}}}, "{a: 1, o: {P/H: {b: 2}}}"),
    ],
)  # fmt: skip
def test_only_what_is_meant_changes(before: str, patch: Patch, after: str) -> None:
    assert below(before, patch) == textwrap.indent(after, "  ")


def test_an_item_of_a_list_takes_its_new_key_in_line_with_the_others() -> None:
    text = "points:\n  - id: A\n    # level\n    unit: m\n  - {id: B}\n"
    tree, _ = parse(text)
    assert tree is not None
    first, second = tree["points"]
    new = amended(
        text, {(one.mark.line, one.mark.column): {"alarms": {"H": {"setpoint": 2.0}}} for one in (first, second)}
    )
    assert new == (
        "points:\n  - id: A\n    # level\n    unit: m\n    alarms:\n      H: {setpoint: 2}\n"
        "  - {id: B, alarms: {H: {setpoint: 2}}}\n"
    )


@given(st.text(max_size=12), st.sampled_from(["a: 1\n", "{a: 1}", "a: 'x'\n", 'a: "x"\n', "a: |\n  x\n"]))
@settings(max_examples=60, deadline=None)
def test_any_text_is_read_back_as_it_was_given(text: str, before: str) -> None:
    patches: tuple[Patch, ...] = ({"a": text}, {"b": text}, {"a": {"k": text}})
    for patch in patches:
        tree, troubles = parse("s: 0\nr:\n" + below(before, patch))
        assert tree is not None
        assert not troubles
        (value,) = (tree["r"][key] for key in patch)
        assert (value["k"] if isinstance(value, Mapping) else value) == text


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.stem))
def test_every_mapping_of_a_good_site_is_found_where_the_tree_has_it(file: Path) -> None:
    text = file.read_text(encoding="utf-8-sig")
    tree, _ = parse(text)
    assert tree is not None
    found = mappings(text)

    def check(node: object) -> None:
        if isinstance(node, Mapping) and (node.mark.line, node.mark.column) != (1, 1):
            pairs = found[node.mark.line, node.mark.column].pairs
            assert pairs is not None
            assert len(pairs) == len(node)
        for below in node.values() if isinstance(node, Mapping) else node if isinstance(node, Sequence) else ():
            check(below)

    check(tree)
