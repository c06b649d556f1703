import pytest

from hazardwatch.durations import duration_ms


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("500ms", 500),
        ("90s", 90_000),
        ("30min", 1_800_000),
        ("8h", 28_800_000),
        ("2d", 172_800_000),
        ("1.5 h", 5_400_000),
    ],
)
def test_a_length_is_a_number_and_a_unit(text: str, ms: int) -> None:
    assert duration_ms(text) == ms


@pytest.mark.parametrize("text", ["", "30", "min", "-5s", "0s", "1 week", "1e3s", "5 m", "٣s", "9" * 30 + "s"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="30min"):
        duration_ms(text)
