from hypothesis import given
from hypothesis import strategies as st

from pipeline.local_trim import Drop, Keep, Sealed, choose

FOREVER = Keep(age_ms=10**15, size_bytes=10**15)


def segments(count: int) -> list[Sealed]:
    """Of 10 positions each, 100 bytes, one second apart; A in all of them, B in the first only."""
    return [
        Sealed(n * 10 + 1, {"A": (n * 10 + 1, n * 10 + 10), **({"B": (2, 2)} if n == 0 else {})}, n * 1000, 100)
        for n in range(count)
    ]


def firsts(drops: list[Drop]) -> list[int]:
    return [drop.segment.first for drop in drops]


def test_nothing_goes_while_it_is_young_small_and_there_is_room() -> None:
    assert choose(segments(5), {}, FOREVER, now=10**9, short_bytes=0, give_up=["historian"]) == []


def test_age_is_counted_from_the_last_entry_of_a_segment() -> None:
    keep = Keep(age_ms=3000, size_bytes=10**15)
    assert firsts(choose(segments(5), {}, keep, now=4000, short_bytes=0, give_up=[])) == [1]
    assert firsts(choose(segments(5), {}, keep, now=4001, short_bytes=0, give_up=[])) == [1, 11]


def test_size_takes_the_oldest_until_the_rest_fits() -> None:
    keep = Keep(age_ms=10**15, size_bytes=250)
    assert firsts(choose(segments(5), {}, keep, now=0, short_bytes=0, give_up=[])) == [1, 11, 21]


def test_a_claim_holds_what_comes_after_it_against_age_and_size() -> None:
    keep = Keep(age_ms=0, size_bytes=0)
    claims = {("engine", "A"): 50, ("historian", "A"): 20, ("historian", "B"): 2}
    assert firsts(choose(segments(5), claims, keep, now=10**9, short_bytes=0, give_up=["historian"])) == [1, 11]


def test_a_claim_of_an_installation_that_went_quiet_holds_nothing() -> None:
    claims = {("historian", "A"): 50, ("historian", "B"): 2}
    assert len(choose(segments(5), claims, Keep(0, 0), now=10**9, short_bytes=0, give_up=[])) == 5


def test_for_want_of_space_the_owners_that_may_be_given_up_lose_what_they_had_not_read() -> None:
    claims = {("engine", "A"): 35, ("historian", "A"): 14, ("historian", "B"): 0}
    drops = choose(segments(5), claims, FOREVER, now=0, short_bytes=10**6, give_up=["historian"])
    assert firsts(drops) == [1, 11, 21]
    assert [drop.holes for drop in drops] == [
        (("historian", "B", 2, 2),),
        (("historian", "A", 15, 20),),
        (("historian", "A", 21, 30),),
    ]
    record = drops[1].records("plant", 77)
    assert [(r.installation, r.from_position, r.to_position, r.forced, r.owner) for r in record] == [
        ("A", 11, 20, False, ""),
        ("A", 15, 20, True, "historian"),
    ]


def test_only_as_much_as_is_short_goes() -> None:
    assert firsts(choose(segments(5), {}, FOREVER, now=0, short_bytes=150, give_up=[])) == [1, 11]


@given(
    claims=st.dictionaries(
        st.tuples(st.sampled_from(["engine", "historian"]), st.sampled_from("AB")), st.integers(0, 60)
    ),
    keep=st.builds(Keep, st.integers(0, 5000), st.integers(0, 600)),
    now=st.integers(-5000, 10_000),
    short=st.integers(-500, 600),
)
def test_the_oldest_go_first_and_the_engines_claim_always_holds(
    claims: dict[tuple[str, str], int], keep: Keep, now: int, short: int
) -> None:
    given_segments = segments(5)
    drops = choose(given_segments, claims, keep, now=now, short_bytes=short, give_up=["historian"])
    assert [drop.segment for drop in drops] == given_segments[: len(drops)]
    for drop in drops:
        for (owner, installation), position in claims.items():
            lost = drop.segment.installations.get(installation, (0, 0))[1] > position
            assert not (lost and owner == "engine")
            assert lost == any((owner, installation) == hole[:2] for hole in drop.holes)
            assert not lost or drop.reason == "space"
