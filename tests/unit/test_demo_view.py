"""The demo's screen holds what matters at every size, in both languages, with and without colour."""

from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.console import Console

from hazardwatch.demo.sections import cut
from hazardwatch.demo.state import Counts, Service
from hazardwatch.demo.texts import EN, ZH, Words, words
from hazardwatch.demo.view import draw
from hazardwatch.demo.words import clock, duration, trend_line
from tests.unit.demo_example import ALARMS, COMMANDS, NOW, QUIET, STATE

SIZES = [(80, 24), (80, 25), (90, 27), (100, 30), (111, 60), (112, 24), (132, 44), (200, 60), (260, 90)]


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize("state", [STATE, QUIET], ids=["busy", "quiet"])
def test_the_screen_fills_its_terminal_and_never_more(width: int, height: int, language: str, state: object) -> None:
    lines = draw(state, words(language), width, height).plain.split("\n")  # type: ignore[arg-type]  # parametrised
    assert len(lines) == height
    assert max(cell_len(line) for line in lines) <= width


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_worst_alarm_and_what_to_do_are_always_there(width: int, height: int) -> None:
    text = draw(STATE, EN, width, height).plain
    assert "!! CRITICAL TF1/GT-101/HH" in text
    assert ALARMS[0].action in text
    assert all(point.id in text for point in STATE.points)
    assert "replaces none" in text
    assert "sent 18,260  acknowledged 18,240  stored 18,020" in text


def test_an_unacknowledged_alarm_is_marked_by_a_word_a_sign_and_a_filled_field() -> None:
    drawn = draw(STATE, EN, 120, 40)
    line = next(line for line in drawn.split("\n") if "TF1/GT-101/HH" in line.plain)
    assert line.plain.startswith("!!")
    assert "unacknowledged" in line.plain
    assert any("on red" in str(span.style) for span in line.spans)


def test_without_colour_the_words_stay() -> None:
    console = Console(width=100, height=30, no_color=True, force_terminal=True, color_system=None)
    with console.capture() as capture:
        console.print(draw(STATE, EN, 100, 30))
    assert "\x1b[" not in capture.get().replace("\x1b[1m", "").replace("\x1b[2m", "").replace("\x1b[0m", "")
    assert "!! CRITICAL" in capture.get()


def test_a_flood_of_alarms_is_counted_where_it_has_no_room() -> None:
    flood = replace(STATE, alarms=ALARMS * 10)
    assert "and " in draw(flood, EN, 80, 24).plain
    assert "more" in draw(flood, EN, 80, 24).plain
    assert "20 of 40 not acknowledged" in draw(flood, EN, 80, 24).plain


def test_commands_are_never_cut_off() -> None:
    shown = set()
    for second in range(0, 64, 8):
        text = draw(replace(STATE, elapsed_s=second), EN, 80, 24).plain
        flat = " ".join(text.split())
        shown |= {command for command in COMMANDS if " ".join(command.split()) in flat}
    assert shown == set(COMMANDS)


def test_alarms_not_asked_for_yet_are_not_called_none() -> None:
    unknown = replace(QUIET, alarms_at_ms=None, service=Service("starting", NOW))
    text = draw(unknown, EN, 80, 24).plain
    assert EN.alarms_unknown in text
    assert EN.alarms_quiet not in text


def test_alarms_from_before_a_kill_say_how_old_they_are() -> None:
    killed = replace(STATE, alarms_at_ms=NOW - 9000, service=Service("killed", NOW - 9000, 4711))
    text = draw(killed, EN, 120, 40).plain
    assert "as of 20:01:11" in text
    assert "KILLED" in text


def test_nothing_missing_is_said_only_when_the_history_was_counted_and_agrees() -> None:
    assert EN.whole in draw(QUIET, EN, 120, 40).plain
    for counts in (Counts(10, 10, 9), Counts(10, 9, 10), Counts(10, 10, None)):
        assert EN.whole not in draw(replace(QUIET, counts=counts), EN, 120, 40).plain


@pytest.mark.parametrize("language", [EN, ZH])
def test_every_state_and_priority_has_a_word(language: Words) -> None:
    assert set(language.states) == {
        "UNACK",
        "ACKED",
        "RTN_UNACK",
        "LATCH_UNACK",
        "LATCH_ACKED",
        "SHELVED",
        "SUPPRESSED_BY_DESIGN",
        "OUT_OF_SERVICE",
    }
    assert set(language.priorities) == {"critical", "high", "medium", "low"}
    assert set(language.phases) == {"starting", "running", "killed", "returning", "stopping"}


def test_chinese_texts_call_a_point_alarm_by_its_own_word() -> None:
    assert "报警" in ZH.alarms
    assert "预警" not in repr(ZH)


def test_a_trend_shows_its_whole_length_newest_at_the_right() -> None:
    rising = trend_line([float(n) for n in range(90)], 9, 6.0)
    assert rising == "▁▂▃▄▅▆▇██"
    assert trend_line([1.0, 2.0], 5, 1.0) == "   ▁█"
    assert trend_line([], 4, 1.0) == "    "


def test_noise_of_a_steady_instrument_stays_flat() -> None:
    assert set(trend_line([5.000, 5.001, 4.999, 5.0005], 4, 6.0)) == {"▁"}


def test_lengths_and_times_are_told_as_people_say_them() -> None:
    assert [duration(s) for s in (-1, 42.9, 185, 7800)] == ["0 s", "42 s", "3 min 05 s", "2 h 10 min"]
    assert clock(NOW, "Asia/Shanghai") == "20:01:20"


def test_cutting_keeps_every_letter_until_there_is_no_room() -> None:
    assert cut("one two three four", 9, 9) == ["one two", "three", "four"]
    assert cut("撤离至上风向停泵", 6, 9) == ["撤离至", "上风向", "停泵"]
    assert cut("one two three four", 9, 1) == ["one two…"]
