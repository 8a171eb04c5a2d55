"""Axes: where a value lies, and which values are written beside it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from golive.model.view import Tick

WIDE_RANGE = 20.0
"""Where the largest value is so many times the smallest one, the scale is logarithmic."""

STEPS = (1.0, 2.0, 5.0, 10.0)
MOST_TICKS = 5
FEW_DECADES = 2
MINUTE_SECONDS = 60
LONG_SECONDS = 600
THOUSAND = 1000


@dataclass(frozen=True)
class Scale:
    """From a value to per cent of a length."""

    low: float
    high: float
    logarithmic: bool = False

    def at(self, value: float) -> float:
        """Where a value lies; what is beyond the ends lies at them."""
        inside = min(max(value, self.low), self.high)
        if self.logarithmic:
            part = log10(inside / self.low) / log10(self.high / self.low)
        else:
            part = (inside - self.low) / (self.high - self.low)
        return round(100 * part, 2)

    def ticks(self, unit: str = "") -> tuple[Tick, ...]:
        """A few round values."""
        values = _decades(self) if self.logarithmic else _steps(self)
        return tuple(Tick(self.at(value), f"{short(value)} {unit}".rstrip()) for value in values)


def linear(values: Iterable[float]) -> Scale:
    """A scale from nought to a round value that holds all."""
    largest = max(values, default=0.0)
    if largest <= 0:
        return Scale(0.0, 1.0)
    step = _round_step(largest)
    return Scale(0.0, ceil(round(largest / step, 9)) * step)


def fitting(values: Sequence[float]) -> Scale:
    """A logarithmic scale where the values are far apart, else a linear one."""
    positive = [value for value in values if value > 0]
    if not positive or max(positive) < WIDE_RANGE * min(positive):
        return linear(values)
    return logarithmic(positive)


def logarithmic(values: Sequence[float]) -> Scale:
    """A logarithmic scale between round values that hold all; they must be positive."""
    low, high = _below(min(values)), -_below(-max(values))
    return Scale(low, high if high > low else 10 * low, logarithmic=True)


def seconds_axis(seconds: float) -> tuple[Scale, tuple[Tick, ...]]:
    """The time from the start; long times are written in minutes."""
    scale = Scale(0.0, max(1.0, seconds))
    if seconds < LONG_SECONDS:
        return scale, scale.ticks("s")
    minutes = Scale(0.0, seconds / MINUTE_SECONDS)
    return scale, minutes.ticks("min")


def short(value: float) -> str:
    """A round value in few characters: `0.5`, `20`, `3k`."""
    if value >= THOUSAND:
        return f"{value / THOUSAND:g}k"
    return f"{value:g}"


def _below(value: float) -> float:
    """The next of 1, 2, 5, 10, … at or below a value; with a negative one, at or above it."""
    size = abs(value)
    decade = 10.0 ** floor(log10(size))
    candidates = [step * decade for step in STEPS]
    near = size * (1 + 1e-9 if value > 0 else 1 - 1e-9)
    if value > 0:
        return max(one for one in candidates if one <= near)
    return -min(one for one in candidates if one >= near)


def _decades(scale: Scale) -> list[float]:
    decades = log10(scale.high / scale.low)
    steps = STEPS[:3] if decades <= FEW_DECADES else STEPS[:1]
    values = [
        step * 10.0**power
        for power in range(floor(log10(scale.low)), ceil(log10(scale.high)) + 1)
        for step in steps
    ]
    # Rounded, for a tenth has no exact form.
    rounded = [float(f"{value:.6g}") for value in values]
    return [value for value in rounded if scale.low <= value * (1 + 1e-9) and value <= scale.high]


def _steps(scale: Scale) -> list[float]:
    step = _round_step(scale.high - scale.low)
    count = floor(round((scale.high - scale.low) / step, 9))
    return [float(f"{scale.low + number * step:.6g}") for number in range(count + 1)]


def _round_step(length: float) -> float:
    rough = length / MOST_TICKS
    decade = 10.0 ** floor(log10(rough))
    return next(step * decade for step in STEPS if step * decade >= rough * (1 - 1e-9))
