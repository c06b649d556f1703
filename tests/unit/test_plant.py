"""The plant plays every tick of its story once, whenever it is asked."""

from simulators.plant import TICK_MS, Plant, Tick

START = 1_795_348_800_000


def play(calls: list[int], seed: int = 1) -> list[Tick]:
    plant = Plant(START, seed)
    return [tick for offset in calls for tick in plant.due(START + offset)]


def test_ten_readings_a_second_of_every_point_with_their_own_times() -> None:
    ticks = play([1000])
    assert [tick.time_ms - START for tick in ticks] == list(range(100, 1001, TICK_MS))
    assert {len(tick.readings) for tick in ticks} == {22}


def test_how_often_it_is_asked_changes_nothing() -> None:
    assert play([5000]) == play([1, 99, 100, 101, 2222, 2222, 4999, 5000])


def test_the_story_is_told_when_it_happens() -> None:
    told = [(tick.time_ms - START, text.en) for tick in play(list(range(1000, 70_001, 1000))) for text in tick.told]
    assert [time // 1000 for time, _ in told] == [4, 62, 64, 66]


def test_another_seed_is_another_plant() -> None:
    assert play([1000], seed=1) != play([1000], seed=2)


def test_a_machine_that_slept_does_not_invent_what_was_never_measured() -> None:
    plant = Plant(START, 1)
    list(plant.due(START + 1000))
    woken = list(plant.due(START + 3_600_000))
    assert woken == []
    after = list(plant.due(START + 3_600_200))
    assert [tick.time_ms - START for tick in after] == [3_600_100, 3_600_200]
    assert plant.story_s == 1.2
