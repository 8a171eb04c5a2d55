"""How many requests are due, and when: stages of a rate in requests per second."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import inf, log, sqrt

HALF = 0.5
"""Evenly spaced arrivals are due in the middle of their slot, so that a stage holds all of them."""

Gap = Callable[[], float]
"""The next distance between two arrivals, in units of the mean distance."""


@dataclass(frozen=True)
class Stage:
    """A time during which the rate goes in a straight line from one value to another.

    Where it may be slow, failures count, and latency is not held against the target.
    """

    name: str
    seconds: float
    from_per_second: float
    to_per_second: float
    may_be_slow: bool = False

    @property
    def arrivals(self) -> float:
        """How many arrivals it holds on average."""
        return self.seconds * (self.from_per_second + self.to_per_second) / 2

    def due_after(self, arrivals: float) -> float:
        """Seconds from its start until so many arrivals are due on average."""
        growth = (self.to_per_second - self.from_per_second) / self.seconds
        # The root of rate * t + growth * t^2 / 2 = arrivals, in the form that has no growth = 0.
        root = sqrt(max(0.0, self.from_per_second**2 + 2 * growth * arrivals))
        return 2 * arrivals / (self.from_per_second + root)


def hold(per_second: float, seconds: float, *, may_be_slow: bool = False) -> Stage:
    """A stage of one rate."""
    return Stage(f"hold {per_second:g}/s", seconds, per_second, per_second, may_be_slow)


def ramp(start: float, end: float, seconds: float, *, may_be_slow: bool = False) -> Stage:
    """A stage that goes from one rate to another."""
    return Stage(f"ramp {start:g} to {end:g}/s", seconds, start, end, may_be_slow)


def steps(first: float, last: float, apart: float, seconds: float) -> tuple[Stage, ...]:
    """Stages of one rate each, from the first to the last; all of them may be slow."""
    rates = (first + number * apart for number in range(int((last - first) / apart) + 1))
    return tuple(hold(rate, seconds, may_be_slow=True) for rate in rates)


def due(stages: Sequence[Stage], gap: Gap, first: float) -> Iterator[tuple[int, float]]:
    """For each arrival its stage and when it is due, in seconds from the start.

    `first` is how far the first one is from the start, in units of the mean distance.
    """
    wanted, passed, began = first, 0.0, 0.0
    for number, stage in enumerate(stages):
        while wanted < passed + stage.arrivals:
            yield number, began + stage.due_after(wanted - passed)
            wanted += gap()
        passed += stage.arrivals
        began += stage.seconds


def evenly() -> float:
    """Arrivals at equal distances."""
    return 1.0


def by_chance(random: Callable[[], float]) -> Gap:
    """Arrivals of a Poisson process: each is due whether or not another was a moment ago."""
    return lambda: -log(1.0 - random())


def seconds_of(stages: Sequence[Stage]) -> float:
    """How long the stages take together."""
    return sum(stage.seconds for stage in stages)


def largest_rate(stages: Sequence[Stage]) -> float:
    """The highest rate of any stage."""
    return max((max(one.from_per_second, one.to_per_second) for one in stages), default=-inf)
