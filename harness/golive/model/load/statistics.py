"""How sure a measured figure is."""

from collections.abc import Sequence
from math import ceil, floor, sqrt
from statistics import NormalDist, median

CONFIDENCE = 0.95
MOST_POINTS = 200


def deviations(confidence: float = CONFIDENCE) -> float:
    """How many standard deviations to either side hold the middle part of a normal curve."""
    return NormalDist().inv_cdf((1 + confidence) / 2)


def ranks_around(count: int, part: float) -> tuple[int, int]:
    """Ranks, from 1, whose values enclose a quantile of what was sampled, by order statistics:
    how many values are below it is binomial, here in its normal approximation.

    Values that come in heaps (a server that stops now and then) are less sure than this says. The
    upper rank may lie beyond the last value: then there are too few to bound it.
    """
    spread = deviations() * sqrt(count * part * (1 - part))
    return max(1, floor(count * part - spread)), ceil(count * part + spread) + 1


def slope(points: Sequence[tuple[float, float]]) -> tuple[float, float, float]:
    """The slope of a line through points (Theil-Sen: the median of all slopes between two, which
    single outliers do not move), with the bounds of its confidence interval (Sen 1968).

    (0, -inf, inf) where there are too few points.
    """
    some = points[:: max(1, ceil(len(points) / MOST_POINTS))]
    slopes = sorted(
        (there[1] - here[1]) / (there[0] - here[0])
        for place, here in enumerate(some)
        for there in some[place + 1 :]
        if there[0] != here[0]
    )
    count = len(some)
    spread = deviations() * sqrt(count * (count - 1) * (2 * count + 5) / 18)
    low, high = round((len(slopes) - spread) / 2), round((len(slopes) + spread) / 2)
    if low < 0 or high >= len(slopes):
        return 0.0, float("-inf"), float("inf")
    return median(slopes), slopes[low], slopes[high]
