"""docs/rules: a page for every kind, whose sample loads and whose picture is what the engine makes of it."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.sitefile import expanded, validate
from rules.joint import COMPARISONS
from rules.table import JUDGED_KINDS, KINDS
from tests import rule_pictures
from tests.rule_signals import SIGNALS

PAGES = sorted(path.stem for path in rule_pictures.PAGES.glob("*.md") if path.stem != "README")
MORE = {"vote", "count", "by_mode", "level"}


def test_every_kind_has_a_page() -> None:
    assert set(PAGES) == (set(KINDS) - {"high", "low"}) | set(COMPARISONS) | MORE


@pytest.mark.parametrize("page", PAGES)
def test_the_picture_is_what_the_engine_makes_of_the_sample(page: str) -> None:
    file = rule_pictures.FOLDER / f"{page}.svg"
    drawing = rule_pictures.Drawing(page)
    assert file.read_text(encoding="utf-8") == drawing.svg(), "draw them anew: python -m tests.rule_pictures"
    assert any(event["event"] == "raised" for event in drawing.events)


def test_every_page_says_what_it_misses_and_stands_in_the_list() -> None:
    listed = (rule_pictures.PAGES / "README.md").read_text(encoding="utf-8")
    for page in PAGES:
        text = (rule_pictures.PAGES / f"{page}.md").read_text(encoding="utf-8")
        assert "**What it does not catch.**" in text
        assert f"](../pictures/rules/{page}.svg)" in text
        assert f"({page}.md)" in listed
    assert sorted(SIGNALS) == PAGES


def test_a_sample_is_shown_whole_in_the_words_of_the_site_file() -> None:
    shown: dict[str, dict[str, Any]] = {}
    for page in ("balance", "discrepancy", "ewma"):
        [text] = rule_pictures._SAMPLE.findall((rule_pictures.PAGES / f"{page}.md").read_text(encoding="utf-8"))
        loaded = validate(text, page, JUDGED_KINDS, frozenset())
        shown |= {one["alarm"]: one for one in expanded(loaded)["alarms"]}
    tank, valve, shift = shown["TF1/stuck-gauge"], shown["TF1/xv-101"], shown["TF1/TT-101/shift"]
    assert (tank["inflow"], tank["outflow"], tank["uncertainty"]) == (["FT-101"], ["FT-102"], 37.6553)
    assert (valve["within"], valve["agree"]) == ("15s", {"0": ["0"], "1": ["1"]})
    assert (shift["lambda"], shift["L"], shift["sigma"]) == (0.2, 3.0, 0.5)
