"""How a role's processes divide the partitions: evenly by installations, and each keeps as much as it can. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence


def divide(weights: Sequence[int], held: Mapping[str, Collection[int]]) -> dict[str, list[int]]:
    """Partitions 0..n-1 of these weights (installations on each) to the members, who held what `held` says.

    When it is done, no move of one partition to the least loaded would make any two more even. Partitions nobody is on
    are dealt out too, for installations that come later.
    """
    members = sorted(held)
    given: dict[str, list[int]] = {one: [] for one in members}
    # An empty partition weighs a little, so that these are spread as well.
    weight = [one * (len(weights) + 1) + 1 for one in weights]
    free = set(range(len(weights)))
    for member in members:
        for partition in sorted(held[member]):
            if partition in free:
                free.remove(partition)
                given[member].append(partition)
    load = {member: sum(weight[one] for one in given[member]) for member in members}
    for partition in sorted(free, key=lambda one: (-weight[one], one)):
        least = min(members, key=lambda member: (load[member], member))
        given[least].append(partition)
        load[least] += weight[partition]
    while moved := _move(given, load, weight):
        partition, giver, taker = moved
        given[giver].remove(partition)
        given[taker].append(partition)
        load[giver] -= weight[partition]
        load[taker] += weight[partition]
    return {member: sorted(ones) for member, ones in given.items()}


def _move(
    given: Mapping[str, list[int]], load: Mapping[str, int], weight: Sequence[int]
) -> tuple[int, str, str] | None:
    """A partition whose move to the least loaded member brings that and its owner nearer.

    The heaviest such, of the most loaded that has one.
    """
    taker = min(load, key=lambda member: (load[member], member))
    for giver in sorted(load, key=lambda member: (-load[member], member)):
        fits = [one for one in given[giver] if weight[one] < load[giver] - load[taker]]
        if fits:
            return max(fits, key=lambda one: (weight[one], one)), giver, taker
    return None
