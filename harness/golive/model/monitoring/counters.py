"""What counters and histograms say of the time between two looks, exact about restarts.

A process that was started again counts from zero: what it counted between the last look and its
end is lost, so the difference is "at least".
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar


class Look(Protocol):
    """Evidence of one look at one place."""

    @property
    def at_seconds(self) -> float:
        """When it was made; all evidence of one check has the same."""

    @property
    def place(self) -> str:
        """Where: the node, the queue."""


class Answered(Look, Protocol):
    """Evidence of a place that may have said nothing."""

    @property
    def error(self) -> str:
        """Why it said nothing."""


L = TypeVar("L", bound=Look)


def latest(seen: Sequence[L]) -> tuple[L, ...]:
    """The evidence of the last check."""
    return tuple(one for one in seen if one.at_seconds == seen[-1].at_seconds)


def pairs(seen: Sequence[L]) -> tuple[tuple[L, L], ...]:
    """For every place of the last check: the look before it, and that one."""
    found: list[tuple[L, L]] = []
    for new in latest(seen):
        older = [one for one in seen if one.place == new.place and one.at_seconds < new.at_seconds]
        if older:
            found.append((older[-1], new))
    return tuple(found)


@dataclass(frozen=True)
class Increase:
    """How much was counted; `restarts` of the counting process make it a lower bound."""

    counts: tuple[float, ...]
    restarts: int = 0


def increase(
    before: Sequence[float], after: Sequence[float], *, is_same_process: bool = True
) -> Increase:
    """The increase of counters between two looks."""
    shrank = len(before) != len(after) or any(
        new < old for old, new in zip(before, after, strict=False)
    )
    if shrank or not is_same_process:
        return Increase(tuple(after), 1)
    return Increase(tuple(new - old for old, new in zip(before, after, strict=True)))


def total(increases: Iterable[Increase]) -> Increase:
    """Of several places together."""
    parts = list(increases)
    length = max((len(one.counts) for one in parts), default=0)
    padded = [(*one.counts, *(0.0 for _ in range(length - len(one.counts)))) for one in parts]
    sums = tuple(sum(column) for column in zip(*padded, strict=True))
    return Increase(sums, sum(one.restarts for one in parts))


@dataclass(frozen=True)
class Quantile:
    """Between which bounds of the histogram a quantile lies, and where about."""

    low: float
    high: float
    about: float


@dataclass(frozen=True)
class Spread:
    """Latencies by buckets: `counts` are cumulative and one more than `bounds`: the last is all."""

    bounds: tuple[float, ...]
    counts: tuple[float, ...]

    @property
    def total(self) -> float:
        """How many were measured."""
        return self.counts[-1] if self.counts else 0.0

    def quantile(self, part: float) -> Quantile:
        """Where a quantile lies; within its bucket by a straight line, as Prometheus does."""
        rank = part * self.total
        place = next(index for index, count in enumerate(self.counts) if count >= rank)
        low = self.bounds[place - 1] if place else 0.0
        high = self.bounds[place] if place < len(self.bounds) else float("inf")
        below = self.counts[place - 1] if place else 0.0
        inside = self.counts[place] - below
        if high == float("inf") or not inside:
            return Quantile(low, high, low)
        return Quantile(low, high, low + (high - low) * (rank - below) / inside)
