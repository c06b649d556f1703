"""A cell of a CSV table is set, emptied or added, and no other character moves."""

from __future__ import annotations

import pytest

from pipeline.sitefile.amend import REMOVED, Patch
from pipeline.sitefile.amend_table import amended_table


@pytest.mark.parametrize(
    ("before", "patch", "after"),
    [
        ("id,a\nX,1\n", {"a": 2.5}, "id,a\nX,2.5\n"),
        ('id,a.b\r\nX,"1,5"\r\nY\r\n', {"a": {"b": 'say "no"'}}, 'id,a.b\r\nX,"say ""no"""\r\nY\r\n'),
        ("id,a,b\nX\nY,1,2\n", {"b": "5s"}, "id,a,b\nX,,5s\nY,1,2\n"),
        ("id,a\nX,1", {"c": {"H": {"d": True}}}, "id,a,c.H.d\nX,1,true"),
        ("id,a\nX\n", {"c": 1.0, "d": "two\nlines"}, 'id,a,c,d\nX,,1,"two\nlines"\n'),
        ("id,a,b\nX,1,2\n", {"a": REMOVED, "c": REMOVED}, "id,a,b\nX,,2\n"),
        ('id,o\nX,"{P/H: {b: 1, why: so}}"\n', {"o": {"P/H": {"b": 2.0}}}, 'id,o\nX,"{P/H: {b: 2, why: so}}"\n'),
        ("id,o\nX,\n", {"o": {"P/H": {"b": 2.0}}}, "id,o\nX,{P/H: {b: 2}}\n"),
        ("id,t\nX,a\nY,b\n", {"t": {"en": "a", "zh-CN": "罐"}}, "id,t.en,t.zh-CN\nX,a,罐\nY,b\n"),
        ("id,t.en,t.zh-CN\nX\n", {"t": "same"}, "id,t.en,t.zh-CN\nX,same,same\n"),
    ],
)
def test_only_what_is_meant_changes(before: str, patch: Patch, after: str) -> None:
    assert amended_table(before, {(2, 1): patch}) == after


def test_rows_that_take_the_same_new_key_share_its_column() -> None:
    new = amended_table("id\nX\nY\nZ\n", {(2, 1): {"a": 1.0}, (4, 1): {"b": 2.0, "a": 3.0}})
    assert new == "id,a,b\nX,1\nY\nZ,3,2\n"
