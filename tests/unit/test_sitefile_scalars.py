"""Durations, percentages and ids: what is accepted means what it says, everything else is refused."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sitefile import scalars


@given(st.integers(0, scalars.MAX_DURATION_MS))
def test_every_duration_survives_being_written(ms: int) -> None:
    assert scalars.duration_ms(scalars.duration_text(ms)) == ms


@given(st.integers(0, 9999), st.sampled_from(sorted(scalars.UNITS_MS)))
def test_a_whole_number_with_a_unit_is_that_many(number: int, unit: str) -> None:
    exact = number * scalars.UNITS_MS[unit]
    assert scalars.duration_ms(f"{number}{unit}") == (exact if exact <= scalars.MAX_DURATION_MS else None)


@given(st.text(max_size=12))
def test_a_duration_is_refused_or_begins_with_a_digit_and_ends_with_a_unit(text: str) -> None:
    ms = scalars.duration_ms(text)
    assert ms is None or (text[0] in "0123456789" and text.endswith(tuple(scalars.UNITS_MS)) and ms >= 0)


@pytest.mark.parametrize(
    "text", ["", "5", "5m", "5 sec", "-5s", "s", "1e3s", "５s", "0.5ms", "4000d", "5s ", "1.s", ".5s"]
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    assert scalars.duration_ms(text) is None


def test_parts_of_a_unit_are_exact() -> None:
    assert scalars.duration_ms("0.1s") == 100
    assert scalars.duration_ms("1.5 min") == 90_000


@given(
    st.decimals(0, 100, places=3, allow_nan=False),
    st.integers(-10_000, 10_000),
    st.integers(1, 100_000),
    st.sampled_from([1, 10, 100, 1000]),
)
def test_a_share_of_a_range_is_the_float_nearest_to_the_exact_one(
    part: Decimal, low: int, width: int, scale: int
) -> None:
    bottom, top = low / scale, (low + width) / scale
    exact = (Fraction(str(top)) - Fraction(str(bottom))) * Fraction(part) / 100
    assert scalars.share_of_range(part, bottom, top) == float(exact)


def test_one_percent_of_0_to_15_is_rounded_once() -> None:
    part = scalars.percent("1%")
    assert part is not None
    assert scalars.share_of_range(part, 0.0, 15.0) == 0.15
    assert scalars.share_of_range(part, 0.1, 0.4) == 0.003  # in binary 0.4 - 0.1 is 0.30000000000000004


@given(st.text(max_size=70))
def test_an_id_has_1_to_64_letters_digits_dots_underscores_and_hyphens(text: str) -> None:
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"
    assert scalars.is_id(text) == (1 <= len(text) <= 64 and all(one in letters for one in text))


@given(st.text("abcXYZ019._-", min_size=1, max_size=64))
def test_good_ids_are_accepted(text: str) -> None:
    assert scalars.is_id(text)
    assert not scalars.is_id(text + "\n")
