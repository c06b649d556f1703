"""noise and ewma over one point, from their pages in docs/rules: everything from the whole past, each time anew."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from fractions import Fraction

from pipeline.site import Alarm, Ewma
from tests.oracle.condition import Says
from tests.oracle.kinds import ABOUT
from tests.oracle.trends import exact

OVER = 1 + Fraction(1, 10**9)
SIGMA = Fraction("1.4826")
STAYS = Fraction(9, 10)


@dataclass(slots=True)
class NoiseKind:
    """The median residual of the window, squared so that it is a fraction."""

    samples: list[tuple[int, Fraction]] = field(default_factory=list)
    residuals: list[tuple[int, Fraction]] = field(default_factory=list)

    def says(self, alarm: Alarm, value: float, time: int, received: int) -> Says:
        """At least 10 residuals that span half the window, else undecided."""
        of = alarm.noise
        assert of is not None
        self.samples = [*self.samples, (time, exact(value))][-3:]
        if len(self.samples) == 3:
            self.residuals.append((time, _residual_squared(*self.samples)))
        self.residuals = [one for one in self.residuals if one[0] > time - of.window_ms]
        if len(self.residuals) < 10 or 2 * (self.residuals[-1][0] - self.residuals[0][0]) < of.window_ms:
            return Says.UNDECIDED
        ordered = sorted(squared for _, squared in self.residuals)
        lower, upper = (SIGMA**2 * ordered[at] for at in ((len(ordered) - 1) // 2, len(ordered) // 2))
        quiet = None if of.quiet is None else exact(of.quiet) * OVER
        loud = None if of.loud is None else exact(of.loud) * ABOUT
        if (quiet is not None and lower <= quiet**2) or (loud is not None and upper >= loud**2):
            return Says.START
        still_quiet = quiet is not None and lower <= (quiet / STAYS) ** 2
        still_loud = loud is not None and upper >= (STAYS * loud) ** 2
        return Says.NEITHER if still_quiet or still_loud else Says.END


def _residual_squared(before: tuple[int, Fraction], of: tuple[int, Fraction], after: tuple[int, Fraction]) -> Fraction:
    """Of the middle one, off the line between its neighbours, as if all three had the same spread."""
    span = after[0] - before[0]
    part = Fraction(of[0] - before[0], span) if span else Fraction(1, 2)  # of the way, and so the weight of `after`
    off = of[1] - (before[1] + part * (after[1] - before[1]))
    return off**2 / (1 + part**2 + (1 - part) ** 2)


@dataclass(slots=True)
class EwmaKind:
    """z, held within twice the limit."""

    average: Fraction | None = None

    def says(self, alarm: Alarm, value: float, time: int, received: int) -> Says:
        """Starts at the limit, ends below half the way to it."""
        of = alarm.ewma
        assert of is not None
        reference, weight, limit = exact(of.reference), exact(of.weight), _limit(of)
        before = reference if self.average is None else self.average
        off = weight * exact(value) + (1 - weight) * before - reference
        off = max(-2 * limit, min(2 * limit, off))
        self.average = (reference + off).limit_denominator(10**30)  # or its digits grow with every sample
        if abs(off) >= limit * ABOUT:
            return Says.START
        return Says.END if abs(off) < limit * ABOUT / 2 else Says.NEITHER


def _limit(of: Ewma) -> Fraction:
    with localcontext() as context:
        context.prec = 40
        weight = Decimal(repr(of.weight))
        return Fraction(Decimal(repr(of.width)) * Decimal(repr(of.sigma)) * (weight / (2 - weight)).sqrt())
