"""The plant of the demo: two methanol day tanks with pumps, valves, vapour space, and a place that can leak.

It is physics only: no noise of instruments (simulators.instruments), no story (simulators.scenario), no clock.
The tanks are small and the pumps large, so that what takes an afternoon in a real tank farm takes a minute here.

Simplifications, all on purpose: liquid and vapour of a tank are each well mixed and of one temperature; vapour is
an ideal gas without condensation; the plume has no sideways wander. Sources of the formulas stand at each function.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np

DIAMETER_M = 2.2
HEIGHT_M = 6.0
AREA_M2 = math.pi * DIAMETER_M**2 / 4
FEED_M3H = 120.0
"""What the feed pump gives through a fully open inlet valve, m3/h."""
TRANSFER_M3H = 80.0
"""What the transfer pump gives, m3/h."""
HEAD_M = 32.0
"""Head of the transfer pump, m of liquid."""
EFFICIENCY = 0.62
SWITCH_M = 5.65
"""The independent high-high switch trips here, m."""
RELIEF_KPA = 1.8
VACUUM_KPA = -0.4
"""Set pressures of the pressure/vacuum (PV) valve, kPa gauge."""
DISTANCES_M = (4.0, 6.0, 12.0)
"""From the place that can leak to the three gas detectors, m."""

_EXPANSION = 1.49e-3  # 1/K, methanol at 20 °C
_CP = 2.53  # kJ/(kg K), liquid methanol at 25 °C (NIST WebBook: 81 J/(mol K))
_UA = 0.12  # kW/K between a bare steel tank and the air: about 45 m2 at 2.7 W/(m2 K)
_STROKE_S = 4.0  # inlet valve from closed to open
_PUMP_S = 1.5  # time constant of a pump's speed
_LEL_KG_M3 = 0.060 * 32.04 / 24.45  # 6.0 % by volume of methanol vapour at 25 °C and 101.3 kPa
_ATMOSPHERE_KPA = 101.325
_G = 9.81


@dataclass(frozen=True, slots=True)
class Orders:
    """What the desk has ordered of one tank, and what is broken there."""

    fill_to_m: float | None = None
    opening: float = 0.5
    draw_to_m: float | None = None
    stuck_at: float | None = None
    vent_free: float = 1.0


@dataclass(frozen=True, slots=True)
class Tank:
    """One tank. kg, °C, kPa gauge; valve and pumps 0..1; `tripped` is the high-high switch, which stops the feed."""

    mass_kg: float
    temperature_c: float = 22.0
    pressure_kpa: float = 0.2
    inlet: float = 0.0
    feed: float = 0.0
    transfer: float = 0.0
    tripped: bool = False
    orders: Orders = field(default_factory=Orders)

    @property
    def level_m(self) -> float:
        """Height of the liquid, m: mass / (density x area)."""
        return self.mass_kg / (density(self.temperature_c) * AREA_M2)

    @property
    def inflow_m3h(self) -> float:
        """Linear valve behind a pump, m3/h."""
        return FEED_M3H * self.inlet * self.feed

    @property
    def outflow_m3h(self) -> float:
        """Through the transfer pump, m3/h."""
        return TRANSFER_M3H * self.transfer

    @property
    def power_kw(self) -> float:
        """Shaft power of the transfer pump, kW: rho g Q h / efficiency (hydraulic power of a pump)."""
        flow = self.outflow_m3h / 3600
        return density(self.temperature_c) * _G * flow * HEAD_M / EFFICIENCY / 1000


@dataclass(frozen=True, slots=True)
class Farm:
    """The whole plant at one moment. `plume_lel` is the air at the detectors, `detector_lel` what they have felt of it.

    `entered_kg`, `left_kg` and `leaked_kg` are the totals since the start, for whoever checks the balance.
    """

    tanks: tuple[Tank, ...]
    leak_kg_s: float = 0.0
    spray_kg: float = 0.0
    plume_lel: tuple[float, ...] = (0.0, 0.0, 0.0)
    detector_lel: tuple[float, ...] = (0.0, 0.0, 0.0)
    ambient_c: float = 22.0
    wind_m_s: float = 2.0
    entered_kg: float = 0.0
    left_kg: float = 0.0
    leaked_kg: float = 0.0


def density(temperature_c: float) -> float:
    """Liquid methanol, kg/m3: 791.4 at 20 °C (CRC Handbook), linear expansion around it."""
    return 791.4 * (1 - _EXPANSION * (temperature_c - 20))


def tank_at(level_m: float, temperature_c: float = 22.0) -> Tank:
    """A resting tank filled to `level_m`, m."""
    return Tank(mass_kg=level_m * AREA_M2 * density(temperature_c), temperature_c=temperature_c)


def step(farm: Farm, dt_s: float, rng: np.random.Generator) -> Farm:
    """The plant `dt_s` seconds later (meant for 0.02 to 0.5 s). Draws from `rng` only for wind and weather."""
    # The leak is in the transfer line of the first tank: what leaks has left that tank.
    losses = (farm.leak_kg_s, *(0.0 for _ in farm.tanks[1:]))
    tanks = tuple(_tank(tank, lost, farm.ambient_c, dt_s) for tank, lost in zip(farm.tanks, losses, strict=True))
    spray = farm.spray_kg + (farm.leak_kg_s - farm.spray_kg / 2.0) * dt_s  # droplets are vapour after 2 s on average
    air = tuple(
        _toward(old, concentration_lel(spray / 2.0, x, farm.wind_m_s), x / farm.wind_m_s, dt_s)
        for old, x in zip(farm.plume_lel, DISTANCES_M, strict=True)
    )
    felt = tuple(
        _toward(old, min(around, 120.0), 10 / math.log(10), dt_s)  # T90 = 10 s, infrared point detector
        for old, around in zip(farm.detector_lel, air, strict=True)
    )
    return replace(
        farm,
        tanks=tanks,
        spray_kg=spray,
        plume_lel=air,
        detector_lel=felt,
        ambient_c=_wander(farm.ambient_c, 22.0, 0.6, 900.0, dt_s, rng),
        wind_m_s=max(0.5, _wander(farm.wind_m_s, 2.0, 0.12, 30.0, dt_s, rng)),
        entered_kg=farm.entered_kg + sum(_kg(t.inflow_m3h, t, dt_s) for t in farm.tanks),
        left_kg=farm.left_kg + sum(_kg(t.outflow_m3h, t, dt_s) for t in farm.tanks),
        leaked_kg=farm.leaked_kg + farm.leak_kg_s * dt_s,
    )


def concentration_lel(emission_kg_s: float, distance_m: float, wind_m_s: float) -> float:
    """Methanol in the air on the axis of a plume from the ground, %LEL.

    Gaussian plume with reflection, C = E / (pi sy sz u) (Turner 1970), sy = 0.08 x, sz = 0.06 x (Briggs, open country,
    class D, near the source). The coefficients were fitted from 100 m on; nearer they are the usual extrapolation.
    """
    spread = math.pi * (0.08 * distance_m) * (0.06 * distance_m) * wind_m_s
    return 100 * emission_kg_s / spread / _LEL_KG_M3


def _tank(tank: Tank, lost_kg_s: float, ambient_c: float, dt_s: float) -> Tank:
    orders = tank.orders
    filling = orders.fill_to_m is not None and tank.level_m < orders.fill_to_m
    drawing = orders.draw_to_m is not None and tank.level_m > orders.draw_to_m
    wanted = orders.stuck_at if orders.stuck_at is not None else (orders.opening if filling else 0.0)
    travel = dt_s / _STROKE_S
    # The feed pump is stopped by the valve's closed switch: a valve that sticks open keeps it running.
    feeding = (filling or tank.inlet > 0.02) and not tank.tripped
    tripped = tank.level_m >= SWITCH_M or (tank.tripped and tank.level_m > SWITCH_M - 0.05)
    inflow = _kg(tank.inflow_m3h, tank, dt_s)
    return Tank(
        mass_kg=tank.mass_kg + inflow - _kg(tank.outflow_m3h, tank, dt_s) - lost_kg_s * dt_s,
        temperature_c=_temperature(tank, ambient_c, inflow, dt_s),
        pressure_kpa=_pressure(tank, dt_s),
        inlet=min(max(wanted, tank.inlet - travel), tank.inlet + travel),
        feed=_toward(tank.feed, 1.0 if feeding else 0.0, _PUMP_S, dt_s),
        transfer=_toward(tank.transfer, 1.0 if drawing else 0.0, _PUMP_S, dt_s),
        tripped=tripped,
        orders=replace(
            orders,
            fill_to_m=orders.fill_to_m if filling else None,
            draw_to_m=orders.draw_to_m if drawing else None,
        ),
    )


def _temperature(tank: Tank, ambient_c: float, inflow_kg: float, dt_s: float) -> float:
    """Energy balance of a well-mixed tank, °C: product at 26 °C, heat through the wall, and the pump's losses.

    m cp dT = m_in cp (T_in - T) + UA (T_air - T) dt + (1 - efficiency) P dt / 10: a tenth of the flow is recirculated.
    """
    heat_kj = _UA * (ambient_c - tank.temperature_c) * dt_s + 0.1 * (1 - EFFICIENCY) * tank.power_kw * dt_s
    return tank.temperature_c + (inflow_kg * (26.0 - tank.temperature_c) + heat_kj / _CP) / tank.mass_kg


def _pressure(tank: Tank, dt_s: float) -> float:
    """Vapour space behind a PV valve, kPa gauge.

    Isothermal ideal gas: Vg dp/dt = p_abs (Q_in - Q_out - Q_vent). The valve opens at its set pressure and passes
    200 m3/h at 10 % above it (times `vent_free`), linear as API 2000 valves nearly are. The step is implicit in
    the vent flow, which is much faster than the tank.
    """
    gas_m3 = max(AREA_M2 * (HEIGHT_M - tank.level_m), 0.5)
    absolute = _ATMOSPHERE_KPA + tank.pressure_kpa
    free = tank.pressure_kpa + absolute * (tank.inflow_m3h - tank.outflow_m3h) / 3600 / gas_m3 * dt_s
    limit = RELIEF_KPA if free > RELIEF_KPA else VACUUM_KPA
    if VACUUM_KPA <= free <= RELIEF_KPA:
        # Through the valve's seat and the dip hatch a resting tank slowly comes to the air's pressure.
        return _toward(free, 0.1, 60.0, dt_s)
    passes = tank.orders.vent_free * 200 / 3600 / abs(0.1 * limit)  # m3/s per kPa
    share = dt_s * absolute * passes / gas_m3
    return (free + share * limit) / (1 + share)


def _kg(flow_m3h: float, tank: Tank, dt_s: float) -> float:
    return flow_m3h / 3600 * density(tank.temperature_c) * dt_s


def _toward(value: float, target: float, constant_s: float, dt_s: float) -> float:
    """First-order lag, exact for a target that holds during the step."""
    return target + (value - target) * math.exp(-dt_s / constant_s)


def _wander(value: float, mean: float, sd: float, constant_s: float, dt_s: float, rng: np.random.Generator) -> float:
    """Ornstein-Uhlenbeck process, exact in distribution for any step: stays around `mean` with deviation `sd`."""
    keep = math.exp(-dt_s / constant_s)
    return mean + (value - mean) * keep + sd * math.sqrt(1 - keep * keep) * float(rng.standard_normal())
