from hazardwatch.pace import paced


def test_records_come_no_faster_than_they_were_times_the_speed() -> None:
    now = [100.0]
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    records = paced([1_000, 1_000, 5_000, 9_000, 9_001], 2.0, lambda at: at, lambda: now[0], sleep)
    seen = []
    for record in records:
        seen.append((record, now[0]))
        if record == 5_000:
            now[0] += 10  # it took longer than the plant did: no waiting until it has caught up
    assert seen == [(1_000, 100.0), (1_000, 100.0), (5_000, 102.0), (9_000, 112.0), (9_001, 112.0)]
    assert slept == [2.0]
