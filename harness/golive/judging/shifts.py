"""Whether figures of two runs differ by more than chance.

Requests within a second share whatever happens in it, so that a test of single requests would take
every hiccup for proof. What is compared are therefore seconds: their percentiles, and how many of
them went badly. Latencies have no normal distribution and single seconds may be off by far, so it
is ranks that decide (Wilcoxon 1945), and the size is that of Hodges and Lehmann (1963): the median
of all ratios between a second of one run and a second of the other. Its interval holds the ratios
that the rank test does not reject (Hollander, Wolfe, Chicken: Nonparametric Statistical Methods,
section 4.3). As seconds that follow each other are alike, the spread is widened by how much they
are in all stages of a load together (Bayley and Hammersley 1946: the effective number of
observations of a time series).

A tail that grows in few seconds does not move their middle. So episodes, rows of seconds that went
badly, are counted as well, and the counts compared by Fisher's exact test.

What no test on two runs can know is how much runs differ anyhow. The server that does nothing,
which was loaded before and after each of them, says at least how much the machine does: see
`comparing`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import comb, floor, sqrt
from statistics import fmean, median

from golive.model.load.statistics import deviations

MOST_BLOCKS = 240
MOST_ALIKE = 0.9


@dataclass(frozen=True)
class Shift:
    """How many times larger values became, and the interval of it."""

    times: float
    low: float
    high: float


def shift(
    before: Sequence[float], after: Sequence[float], confidence: float, widening: float = 1.0
) -> Shift | None:
    """How many times larger positive values became; None where there are too few to tell."""
    ratios = sorted(new / old for old in blocks(before) for new in blocks(after))
    rank = _rank(len(before), len(after), confidence, widening)
    if rank < 1:
        return None
    return Shift(median(ratios), ratios[rank - 1], ratios[len(ratios) - rank])


def can_tell(before: int, after: int, confidence: float) -> bool:
    """Whether so many seconds can show anything, if they are independent of each other."""
    return _rank(before, after, confidence, 1.0) >= 1


def _rank(before: int, after: int, confidence: float, widening: float) -> int:
    """Which of the ratios bounds the interval, from either end."""
    ones, others = (min(count, len(blocks([0.0] * count))) for count in (before, after))
    spread = sqrt(ones * others * (ones + others + 1) / 12) * widening
    return floor(ones * others / 2 - deviations(confidence) * spread)


def likely_by_chance(bad_before: int, before: int, bad_after: int, after: int) -> float:
    """The probability, by Fisher's exact test, that so many of so many differ so much or more."""
    bad, every = bad_before + bad_after, before + after
    ways = [
        comb(before, some) * comb(after, bad - some)
        for some in range(max(0, bad - after), min(bad, before) + 1)
    ]
    seen = comb(before, bad_before) * comb(after, bad_after)
    return sum(way for way in ways if way <= seen) / comb(every, bad)


def episodes(bad: Sequence[bool]) -> int:
    """How many rows of bad seconds there are."""
    return sum(1 for before, now in pairwise((False, *bad)) if now and not before)


def blocks(values: Sequence[float]) -> list[float]:
    """Very many seconds become the medians of a few each."""
    size = -(-len(values) // MOST_BLOCKS)
    groups = (values[first : first + size] for first in range(0, len(values), max(1, size)))
    return [median(group) for group in groups]


def widening_of(rows: Sequence[Sequence[float]]) -> float:
    """By how much the spread is wider than that of independent values, for how much each value's
    rank is like that of the one before: the autocorrelation of all rows together.
    """
    together = variance = 0.0
    for row in map(blocks, rows):
        ordered = sorted(row)
        ranks = [ordered.index(value) / len(row) for value in row]
        middle = fmean(ranks) if ranks else 0.0
        variance += sum((rank - middle) ** 2 for rank in ranks)
        together += sum((one - middle) * (two - middle) for one, two in pairwise(ranks))
    alike = max(0.0, min(MOST_ALIKE, together / variance if variance else 0.0))
    return sqrt((1 + alike) / (1 - alike))
