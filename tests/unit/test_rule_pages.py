"""docs/rules: a page for every kind, whose sample loads and whose picture is what the engine makes of it."""

from __future__ import annotations

import pytest

from rules.joint import COMPARISONS
from rules.table import KINDS
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
