"""How sure a measured figure is."""

from collections.abc import Sequence
from math import ceil, exp, floor, lgamma, log, log1p, sqrt
from statistics import NormalDist, median

CONFIDENCE = 0.95
MOST_POINTS = 200
EXACT_COUNT = 2_000


def deviations(confidence: float = CONFIDENCE) -> float:
    """How many standard deviations to either side hold the middle part of a normal curve."""
    return NormalDist().inv_cdf((1 + confidence) / 2)


def ranks_around(count: int, part: float) -> tuple[int, int]:
    """Ranks, from 1, whose values enclose a quantile of what was sampled, by order statistics:
    how many values are below it is binomial. Exact up to EXACT_COUNT, beyond that in its normal
    approximation.

    Values that come in heaps (a server that stops now and then) are less sure than this says. The
    upper rank may lie beyond the last value: then there are too few to bound it.
    """
    if count > EXACT_COUNT:
        spread = deviations() * sqrt(count * part * (1 - part))
        return max(1, floor(count * part - spread)), ceil(count * part + spread) + 1
    tail = (1 - CONFIDENCE) / 2
    low, high, below = 1, count + 1, 0.0
    for number in range(count + 1):
        before, below = below, below + _binomial(count, number, part)
        if below <= tail:
            low = max(1, number + 1)
        if before < 1 - tail <= below:
            high = number + 1
            break
    return low, high


def _binomial(count: int, number: int, part: float) -> float:
    """How likely it is that so many of all lie below the quantile."""
    ways = lgamma(count + 1) - lgamma(number + 1) - lgamma(count - number + 1)
    return exp(ways + number * log(part) + (count - number) * log1p(-part))


def least_for(part: float) -> int:
    """How many values it takes to bound a quantile from above at all."""
    return ceil(log((1 - CONFIDENCE) / 2) / log(part))


def share_around(count: int, total: int) -> tuple[float, float]:
    """Bounds of the share that a count of a total stands for (Wilson 1927)."""
    if not total:
        return 0.0, 1.0
    z2 = deviations() ** 2
    middle = (count + z2 / 2) / (total + z2)
    spread = deviations() * sqrt(count * (total - count) / total + z2 / 4) / (total + z2)
    return max(0.0, middle - spread), min(1.0, middle + spread)


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
