"""The evidence of a load with its rows as records again, and what can be read from it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from golive.model.history.records import SentFile, revived
from golive.model.load.memory import Growth, growths
from golive.model.load.queue_age import oldest_job
from golive.model.load.records import ALL, Loaded, Measured, number
from golive.model.slo import Slo

PARTS = {"p95": 0.95, "p99": 0.99}


@dataclass(frozen=True)
class Estimate:
    """A percentile in milliseconds, and what encloses it."""

    value: float
    low: float
    high: float


def percentiles(one: Measured, slo: Slo) -> Iterator[tuple[str, float, Estimate, Estimate]]:
    """Name, limit, measured from the sending, measured from the moment it was due."""
    sent95 = Estimate(one.taken_p95_ms, one.taken_p95_low_ms, one.taken_p95_ms)
    sent99 = Estimate(one.taken_p99_ms, one.taken_p99_low_ms, one.taken_p99_ms)
    due95 = Estimate(one.felt_p95_ms, one.felt_p95_low_ms, one.felt_p95_high_ms)
    due99 = Estimate(one.felt_p99_ms, one.felt_p99_low_ms, one.felt_p99_high_ms)
    yield "p95", slo.p95_ms, sent95, due95
    yield "p99", slo.p99_ms, sent99, due99


@dataclass(frozen=True)
class Case:
    """The evidence, with its rows as records again."""

    loaded: Loaded
    slo: Slo

    @cached_property
    def stages(self) -> tuple[Measured, ...]:
        """Every stage, and the row of all of them."""
        return revived(Measured, self.loaded.stages)

    @cached_property
    def judged(self) -> tuple[Measured, ...]:
        """Stages whose latency counts."""
        return tuple(one for one in self.stages if not one.may_be_slow and one.stage != ALL)

    @property
    def alike(self) -> dict[str, tuple[Measured, ...]]:
        """Those stages by what they are: a burst that comes five times is one thing."""
        found: dict[str, tuple[Measured, ...]] = {}
        for one in self.judged:
            name = one.stage.partition(" ")[2] or one.stage
            found[name] = (*found.get(name, ()), one)
        return found

    @property
    def all(self) -> Measured | None:
        """The row of all stages together."""
        return next((one for one in self.stages if one.stage == ALL), None)

    @property
    def files(self) -> tuple[SentFile, ...]:
        """The files that were uploaded beside it."""
        return revived(SentFile, self.loaded.files)

    @cached_property
    def growths(self) -> tuple[Growth, ...]:
        """How memory grew in stages that are long enough."""
        return tuple(growths(self.loaded, self.judged))

    @property
    def bare(self) -> tuple[Measured, ...]:
        """The server that does nothing, before and after."""
        return revived(Measured, self.loaded.bare)

    @property
    def oldest_job(self) -> tuple[float, float]:
        """The age of the oldest job in the stages that are judged: what was seen, its bound."""
        ages = [oldest_job(self.loaded, one) for one in self.judged]
        seen, bounds = ([one[place] for one in ages] for place in (0, 1))
        return max(seen, default=0.0), max(bounds, default=0.0)


def deepest_queue(loaded: Loaded, stage: Measured) -> float:
    """How many jobs waited at most while a stage lasted."""
    begin, end = stage.began_seconds, stage.began_seconds + stage.seconds
    inside = (number(row[1]) for row in loaded.queue if begin <= number(row[0]) <= end)
    return max(inside, default=0.0)


def longest_gap(loaded: Loaded, stage: Measured) -> float:
    """The longest time within a stage in which nobody looked at the queue, in seconds."""
    begin, end = stage.began_seconds, stage.began_seconds + stage.seconds
    looks = [at for row in loaded.queue if begin <= (at := number(row[0])) <= end]
    return max(after - before for before, after in pairwise([begin, *looks, end]))
