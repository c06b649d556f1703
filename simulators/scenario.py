"""The demo's story as data: what happens in the plant at which second, and how fast the simulated operator is.

It changes nothing by itself: `due` gives the steps of a stretch of time, `apply` makes the plant that one step leaves.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from pipeline.site import Text
from simulators.tank_farm import Farm, Orders, tank_at

T101, T102 = 0, 1
STORY_END_S = 180.0
"""From here on waves of ordinary life, for ever."""
_HALF_S = 600.0
_WAVES_S = 6 * _HALF_S


@dataclass(frozen=True, slots=True)
class Fill:
    """Open the inlet valve to `opening` (0..1) until the level is `to_m`."""

    tank: int
    to_m: float
    opening: float = 0.6


@dataclass(frozen=True, slots=True)
class Draw:
    """Run the transfer pump until the level is `to_m`."""

    tank: int
    to_m: float


@dataclass(frozen=True, slots=True)
class Stick:
    """The inlet valve goes to `at` (0..1) and obeys nobody; None: it obeys again and is closed by hand."""

    tank: int
    at: float | None


@dataclass(frozen=True, slots=True)
class Leak:
    """Methanol sprays out of the transfer line of T-101, kg/s; 0 ends it."""

    kg_s: float


@dataclass(frozen=True, slots=True)
class Vent:
    """The PV valve passes only this share of what it should (flame arrester dirty)."""

    tank: int
    free: float


Action = Fill | Draw | Stick | Leak | Vent


@dataclass(frozen=True, slots=True)
class Step:
    """`action` at `at_s` seconds since the start; `told` is what somebody standing in the tank farm would see."""

    at_s: float
    action: Action
    told: Text


@dataclass(frozen=True, slots=True)
class Reaction:
    """How long the simulated operator takes, s, to acknowledge and, once a latched alarm may be reset, to reset."""

    acknowledge_s: float
    reset_s: float


STORY: tuple[Step, ...] = (
    Step(
        4,
        Stick(T101, 1.0),
        Text(en="MOV-101 drives fully open and sticks: T-101 fills too fast", zh="MOV-101 全开卡住：T-101 进料过快"),
    ),
    Step(62, Stick(T101, None), Text(en="Li Wei closes MOV-101 by hand wheel", zh="李伟手轮关闭 MOV-101")),
    Step(64, Draw(T101, 4.6), Text(en="Transfer pump P-101 draws T-101 down", zh="P-101 泵外送，T-101 降液位")),
    Step(
        66,
        Leak(0.035),
        Text(en="The seal of P-101 sprays methanol, 4 m from GT-101", zh="P-101 机封喷漏甲醇，距 GT-101 4 米"),
    ),
    Step(
        84,
        Leak(0.0),
        Text(en="Standby pump on line, P-101 shut off: the leak ends", zh="切换备用泵，隔离 P-101：泄漏停止"),
    ),
)


def beginning() -> Farm:
    """Where the story starts: T-101 nearly at the end of a filling, T-102 half full and at rest."""
    filling = replace(tank_at(4.965), inlet=0.6, feed=1.0, pressure_kpa=1.8, orders=Orders(fill_to_m=5.0, opening=0.6))
    return Farm(tanks=(filling, tank_at(3.0)))


def reaction(at_s: float) -> Reaction:
    """Quick while the story is told; later slow enough for whoever watches to be quicker."""
    return Reaction(8, 10) if at_s < STORY_END_S else Reaction(45, 30)


def due(after_s: float, until_s: float) -> list[Step]:
    """The steps with after_s < at_s <= until_s, in order."""
    steps = [step for step in STORY if after_s < step.at_s <= until_s]
    wave = max(0, int((after_s - STORY_END_S) // _WAVES_S))
    while STORY_END_S + wave * _WAVES_S <= until_s:
        start = STORY_END_S + wave * _WAVES_S
        shifted = (replace(step, at_s=start + step.at_s) for step in _WAVES)
        steps += [step for step in shifted if after_s < step.at_s <= until_s]
        wave += 1
    return steps


def apply(farm: Farm, action: Action) -> Farm:
    """The plant right after `action`."""
    if isinstance(action, Leak):
        return replace(farm, leak_kg_s=action.kg_s)
    orders = farm.tanks[action.tank].orders
    match action:
        case Fill():
            orders = replace(orders, fill_to_m=action.to_m, opening=action.opening)
        case Draw():
            orders = replace(orders, draw_to_m=action.to_m)
        case Stick(at=None):
            orders = replace(orders, stuck_at=None, fill_to_m=None)
        case Stick():
            orders = replace(orders, stuck_at=action.at)
        case Vent():
            orders = replace(orders, vent_free=action.free)
    tanks = tuple(replace(t, orders=orders) if i == action.tank else t for i, t in enumerate(farm.tanks))
    return replace(farm, tanks=tanks)


def _overfill(filling: int) -> tuple[Step, ...]:
    name = f"T-10{filling + 1}"
    told = Text(en=f"Wrong target entered: {name} fills to 5.14 m", zh=f"目标值输错：{name} 将进料至 5.14 米")
    return (Step(300, Fill(filling, 5.14), told),)


def _whiff(_filling: int) -> tuple[Step, ...]:
    drips = Text(en="A flange at P-101 drips", zh="P-101 法兰滴漏")
    return (Step(300, Leak(0.014), drips), Step(340, Leak(0.0), Text(en="Flange tightened", zh="法兰已紧固")))


def _choked(filling: int) -> tuple[Step, ...]:
    name = f"T-10{filling + 1}"
    dirty = Text(en=f"Flame arrester of {name} is choked: it breathes badly", zh=f"{name} 阻火器堵塞，呼吸不畅")
    clean = Text(en=f"Flame arrester of {name} cleaned", zh=f"{name} 阻火器已清理")
    return (Step(240, Vent(filling, 0.12), dirty), Step(330, Vent(filling, 1.0), clean))


def _half(start_s: float, drawing: int, filling: int, upset: tuple[Step, ...]) -> tuple[Step, ...]:
    """Ten minutes: one tank is drawn down, the other filled, and one thing goes wrong."""
    draws, fills = f"T-10{drawing + 1}", f"T-10{filling + 1}"
    ordinary = (
        Step(0, Draw(drawing, 2.5), Text(en=f"Transfer from {draws} begins", zh=f"{draws} 开始外送")),
        Step(20, Fill(filling, 5.0), Text(en=f"Filling of {fills} begins", zh=f"{fills} 开始进料")),
    )
    return tuple(replace(step, at_s=start_s + step.at_s) for step in ordinary + upset)


_WAVES: tuple[Step, ...] = (
    *_half(0 * _HALF_S, T101, T102, _whiff(T102)),
    *_half(1 * _HALF_S, T102, T101, _overfill(T101)),
    *_half(2 * _HALF_S, T101, T102, _choked(T102)),
    *_half(3 * _HALF_S, T102, T101, _whiff(T101)),
    *_half(4 * _HALF_S, T101, T102, _overfill(T102)),
    *_half(5 * _HALF_S, T102, T101, _choked(T101)),
)
