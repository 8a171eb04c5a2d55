"""What of a load is compared between two runs: of each stage, latency and what went badly.

A second of fifty or a hundred requests has no p99 worth its name: it counts as a time beyond the
limit, and is not compared as a figure.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Protocol

from golive.judging.shifts import (
    Shift,
    can_tell,
    episodes,
    likely_by_chance,
    shift,
    widening_of,
)
from golive.model.comparison import Change, Difference
from golive.model.history.records import revived
from golive.model.load.records import ALL, Loaded, Measured, Second
from golive.model.slo import Slo

CONFIDENCE = 0.95
"""Of all figures together: the more are compared, the surer each has to be (Bonferroni)."""

WORTH_TELLING = 1.05
"""Less than this ratio is nobody's concern."""

PARTS = ("p50", "p95")

_BAD: Mapping[str, Callable[[Second, Slo], bool]] = {
    "times beyond the limits": lambda one, slo: (
        one.felt_p95_ms >= slo.p95_ms or one.felt_p99_ms >= slo.p99_ms
    ),
    "times with failed or dropped requests": lambda one, _slo: one.failed + one.dropped > 0,
}
"""What a second is counted for; several in a row count once."""


class Figure(Protocol):
    """One figure of one stage, before and after."""

    @property
    def can_tell(self) -> bool:
        """Whether it could show a difference at all; else it is not one of those compared."""

    @property
    def is_shown(self) -> bool:
        """Whether it is shown also where it can tell nothing."""

    def difference(self, confidence: float) -> Difference:
        """What became of it."""


def figures_of(scenario: str, before: Loaded, after: Loaded, slo: Slo) -> Iterator[Figure]:
    """Every figure of every stage that both have."""
    names = {one.stage for one in stages_of(before)}
    stages = [one for one in stages_of(after) if one.stage in names]
    for part in PARTS:
        rows = [(_latencies(before, one, part), _latencies(after, one, part)) for one in stages]
        machine = Machine(
            widening_of([row for pair in rows for row in pair]), _drift(before, after, part)
        )
        for stage, (then, now) in zip(stages, rows, strict=True):
            yield Latency(scenario, stage, part, then, now, machine)
    for what, is_bad in _BAD.items():
        for stage in stages:
            bad = [
                [is_bad(one, slo) for one in _seconds(loaded, stage)] for loaded in (before, after)
            ]
            yield Episodes(scenario, stage, what, *bad)


def stages_of(loaded: Loaded) -> list[Measured]:
    """The stages, without the row of all."""
    return [one for one in revived(Measured, loaded.stages) if one.stage != ALL]


@dataclass(frozen=True)
class Machine:
    """How much wider chance is than with independent seconds, and by how much a server that does
    nothing varied on the machine of the two runs.
    """

    widening: float
    drift: float


@dataclass(frozen=True)
class Latency:
    """A percentile of a typical second."""

    scenario: str
    stage: Measured
    part: str
    before: Sequence[float]
    after: Sequence[float]
    machine: Machine

    @property
    def can_tell(self) -> bool:
        """Whether there are seconds enough."""
        return can_tell(len(self.before), len(self.after), CONFIDENCE)

    @property
    def is_shown(self) -> bool:
        """Always."""
        return True

    def difference(self, confidence: float) -> Difference:
        """How many times slower or faster."""
        found = shift(self.before, self.after, confidence, self.machine.widening)
        return Difference(
            scenario=self.scenario,
            stage=self.stage.stage,
            what=self.part,
            before=_middle(self.before),
            after=_middle(self.after),
            unit="ms",
            times=round(found.times, 3) if found else 0.0,
            low=round(found.low, 3) if found else 0.0,
            high=round(found.high, 3) if found else 0.0,
            change=_meaning(found, self.machine.drift),
            counts=not self.stage.may_be_slow,
        )


@dataclass(frozen=True)
class Episodes:
    """How often it went badly, in seconds that did and those that did not."""

    scenario: str
    stage: Measured
    what: str
    before: Sequence[bool]
    after: Sequence[bool]

    @property
    def can_tell(self) -> bool:
        """Whether it went badly at all."""
        return any(self.before) or any(self.after)

    @property
    def is_shown(self) -> bool:
        """That nothing went badly need not be said."""
        return False

    def difference(self, confidence: float) -> Difference:
        """Whether it did so more often."""
        then, now = episodes(self.before), episodes(self.after)
        chance = likely_by_chance(then, len(self.before), now, len(self.after))
        change = Change.CHANCE
        if chance < 1 - confidence:
            more = now * len(self.before) > then * len(self.after)
            change = Change.WORSE if more else Change.BETTER
        return Difference(
            scenario=self.scenario,
            stage=self.stage.stage,
            what=self.what,
            before=then,
            after=now,
            unit="",
            times=0.0,
            low=0.0,
            high=0.0,
            change=change,
            counts=not self.stage.may_be_slow,
        )


def _latencies(loaded: Loaded, stage: Measured, part: str) -> list[float]:
    values = [float(getattr(one, f"felt_{part}_ms")) for one in _seconds(loaded, stage)]
    return [value for value in values if value > 0]


def _seconds(loaded: Loaded, stage: Measured) -> list[Second]:
    """The seconds that lie wholly within a stage."""
    begin, end = stage.began_seconds, stage.began_seconds + stage.seconds
    seconds = revived(Second, loaded.seconds)
    return [one for one in seconds if begin <= one.second and one.second + 1 <= end]


def _drift(before: Loaded, after: Loaded, part: str) -> float:
    bare = (*revived(Measured, before.bare), *revived(Measured, after.bare))
    values = [value for one in bare if (value := getattr(one, f"felt_{part}_ms")) > 0]
    return max(values) / min(values) if values else 1.0


def _meaning(found: Shift | None, drift: float) -> Change:
    """What a shift says."""
    if found is None:
        return Change.SHORT
    for bound, change in ((WORTH_TELLING, Change.CHANCE), (drift, Change.MACHINE)):
        if 1 / bound <= found.high and found.low <= bound:
            return change
    return Change.WORSE if found.times > 1 else Change.BETTER


def _middle(values: Sequence[float]) -> float:
    return round(median(values), 3) if values else 0.0
