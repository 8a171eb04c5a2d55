"""Whether memory grows while the rate stays the same."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import inf, isfinite

from golive.model.load.records import Loaded, Measured, number
from golive.model.load.statistics import slope

LONG_SECONDS = 300.0
SETTLING_SECONDS = 60.0
SECONDS_IN_HOUR = 3600
BYTES_IN_MB = 1_000_000


@dataclass(frozen=True)
class Growth:
    """Megabytes an hour that a node's memory grew by in a stage, with their interval; without
    bounds where that was not observed.
    """

    node: str
    stage: str
    value: float
    low: float
    high: float

    @property
    def is_known(self) -> bool:
        """Whether there was enough to see."""
        return isfinite(self.low) and isfinite(self.high)

    def __str__(self) -> str:
        """In words, without the stage."""
        whose = f"the memory of {self.node}" if self.node else "memory"
        return f"{whose} grows by {self.value:.0f} MB an hour ({self.low:.0f} to {self.high:.0f})"


def growths(loaded: Loaded, stages: Iterable[Measured]) -> Iterator[Growth]:
    """Of every node in every stage that is long enough for a leak to show."""
    by_node: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for at, size, node in loaded.memory:
        by_node[str(node)].append((number(at), number(size)))
    for one in stages:
        if one.seconds < LONG_SECONDS:
            continue
        begin, end = one.began_seconds + SETTLING_SECONDS, one.began_seconds + one.seconds
        if not by_node:
            yield Growth("", one.stage, 0.0, -inf, inf)
        for name, looks in by_node.items():
            inside = [(at, size) for at, size in looks if begin <= at <= end]
            hourly = [(at, size / BYTES_IN_MB * SECONDS_IN_HOUR) for at, size in inside]
            yield Growth(name, one.stage, *slope(hourly))
