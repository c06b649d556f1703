"""A door with few places: by rank, then in order, and no place is ever lost."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from alerting.gate import Gate


async def passes(gate: Gate, rank: int, name: str, order: list[str], may_leave: asyncio.Event) -> None:
    async with gate.place(rank):
        order.append(name)
        await may_leave.wait()


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def test_lower_ranks_go_first_and_equals_in_order_of_coming() -> None:
    async def story() -> None:
        gate, order, leave = Gate(1), list[str](), asyncio.Event()
        people = [(3, "a"), (3, "b"), (1, "c"), (2, "d"), (1, "e")]
        async with asyncio.TaskGroup() as group:
            for rank, name in people:
                group.create_task(passes(gate, rank, name, order, leave))
            await settle()
            assert order == ["a"]
            leave.set()
        assert order == ["a", "c", "e", "d", "b"]

    asyncio.run(story())


@given(st.integers(1, 3), st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=20))
def test_whoever_is_cancelled_the_others_all_get_in_and_never_too_many_at_once(
    places: int, comers: list[tuple[int, bool]]
) -> None:
    async def story() -> None:
        gate, inside, most, got_in = Gate(places), 0, 0, 0

        async def pass_through(rank: int) -> None:
            nonlocal inside, most, got_in
            async with gate.place(rank):
                inside += 1
                got_in += 1
                most = max(most, inside)
                try:
                    await asyncio.sleep(0)
                finally:
                    inside -= 1

        tasks = [asyncio.create_task(pass_through(rank)) for rank, _ in comers]
        await asyncio.sleep(0)
        for task, (_, cancelled) in zip(tasks, comers, strict=True):
            if cancelled:
                task.cancel()
                await asyncio.sleep(0)
        await asyncio.gather(*tasks, return_exceptions=True)
        assert most <= places
        assert got_in >= sum(not cancelled for _, cancelled in comers)
        async with asyncio.TaskGroup() as group:
            for _ in range(places):
                group.create_task(pass_through(0))
        assert inside == 0

    asyncio.run(story())


def test_a_place_given_to_somebody_cancelled_in_the_same_moment_goes_on_to_the_next() -> None:
    async def story() -> None:
        gate, order, leave = Gate(1), list[str](), asyncio.Event()

        async def leaves_and_cancels() -> None:
            async with gate.place(0):
                await leave.wait()
            second.cancel()  # its turn is set by now, but it has not run yet

        first = asyncio.create_task(leaves_and_cancels())
        await settle()
        second = asyncio.create_task(passes(gate, 0, "second", order, leave))
        third = asyncio.create_task(passes(gate, 0, "third", order, leave))
        await settle()
        leave.set()
        await asyncio.wait([first, second, third], timeout=5)
        assert second.cancelled()
        assert order == ["third"]

    asyncio.run(story())
