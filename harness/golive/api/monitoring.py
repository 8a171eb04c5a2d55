"""What checks of a watch share: evidence of one look, and what two of them say together."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from golive.model.facts import Row
from golive.model.finding import Ruling, failed, idle, inconclusive, passed
from golive.model.monitoring.counters import (
    Answered,
    Look,
    Quantile,
    Spread,
    increase,
    latest,
    pairs,
    total,
)
from golive.model.monitoring.ports import Scrape
from golive.model.monitoring.records import Probe, Span
from golive.model.monitoring.uptime import Uptime, uptime
from golive.model.outcome import Outcome
from golive.model.ports import Gate
from golive.model.slo import Slo

LEAST_FOR_P95 = 20
LEAST_FOR_P99 = 100
"""Fewer answers than this have no such percentile: it would be the slowest of them."""

L = TypeVar("L", bound=Look)


@dataclass(frozen=True)
class Probed:
    """The light probes since the look before, and how to read them."""

    at_seconds: float
    place: str
    probes: tuple[Row, ...]
    blind_seconds: float
    maintenance: tuple[Row, ...]


def probed(gate: Gate) -> Iterator[Probed]:
    """Evidence of the light probes."""
    watch = gate.watch
    yield Probed(
        at_seconds=watch.at_seconds,
        place="probes",
        probes=tuple(
            (one.begins_seconds, one.ends_seconds, one.milliseconds, one.wrong)
            for one in watch.probes()
        ),
        blind_seconds=watch.order.blind_seconds,
        maintenance=tuple(
            (span.begins_seconds, span.ends_seconds, span.why) for span in watch.order.maintenance
        ),
    )


def probes_of(seen: Iterable[Probed]) -> tuple[Probe, ...]:
    """The probes of all looks."""
    return tuple(Probe(*row) for one in seen for row in one.probes)  # type: ignore[arg-type]


def uptime_of(seen: Sequence[Probed]) -> Uptime:
    """How the time until the last look divides."""
    last = seen[-1]
    spans = tuple(Span(*row) for row in last.maintenance)  # type: ignore[arg-type]
    return uptime(probes_of(seen), last.at_seconds, last.blind_seconds, spans)


@dataclass(frozen=True)
class Buckets:
    """A histogram at one look: cumulative counts, one more than there are bounds.

    `born` is when its process was started; `error` says why it was not to be had.
    """

    at_seconds: float
    place: str
    born: float
    bounds: tuple[float, ...]
    counts: tuple[float, ...]
    error: str = ""


def buckets(gate: Gate, wanted: Callable[[Mapping[str, str]], bool]) -> Iterator[Buckets]:
    """The histogram of answers on every node, of the series whose labels are wanted."""
    metrics = gate.target.observe.metrics
    name = f"{metrics.latency if metrics else ''}_bucket"
    for node in gate.watch.nodes():
        sums: dict[float, float] = {}
        for sample in node.values(name):
            if wanted(sample.labels):
                bound = float(sample.labels["le"])
                sums[bound] = sums.get(bound, 0.0) + sample.value
        ordered = sorted(sums)
        yield Buckets(
            at_seconds=gate.watch.at_seconds,
            place=node.place,
            born=node.born,
            bounds=tuple(ordered[:-1]),
            counts=tuple(sums[bound] for bound in ordered),
            error=node.error,
        )


def spread_between(seen: Sequence[Buckets]) -> tuple[Spread, int]:
    """Latencies since the look before, of all nodes together; how many were started anew."""
    increases = []
    bounds: tuple[float, ...] = ()
    for old, new in pairs([one for one in seen if not one.error]):
        bounds = new.bounds or bounds
        if new.counts:
            # A series is there from its first answer on: before, it counted nothing.
            before = old.counts or tuple(0.0 for _ in new.counts)
            increases.append(increase(before, new.counts, is_same_process=old.born == new.born))
    summed = total(increases)
    return Spread(bounds, summed.counts), summed.restarts


def latency_within(
    p95: Callable[[Slo], float], p99: Callable[[Slo], float] | None = None
) -> Callable[[Sequence[Buckets], Slo], Ruling]:
    """The check that percentiles of the answers since the look before keep their objectives."""

    def check(seen: Sequence[Buckets], slo: Slo) -> Ruling:
        if no_look := nothing_before(seen):
            return no_look
        spread, restarts = spread_between(seen)
        silent = silence(seen)
        if spread.total < LEAST_FOR_P95:
            rule = inconclusive if silent else idle
            return rule(f"{spread.total:g} answers, too few for percentiles{silent}")
        limits = {0.95: p95(slo)}
        if p99 is not None and spread.total >= LEAST_FOR_P99:
            limits[0.99] = p99(slo)
        return _held_against(spread, limits, f"{silent}{_restarted(restarts)}")

    return check


def _held_against(spread: Spread, limits: Mapping[float, float], aside: str) -> Ruling:
    found = {part: spread.quantile(part) for part in (0.5, 0.95, 0.99)}
    figures: dict[str, float | str] = {
        f"p{part * 100:g}_ms": round(one.about * 1000, 3) for part, one in found.items()
    }
    figures |= {"objective_ms": limits[0.95], "answers": spread.total}
    over = [part for part, limit in limits.items() if found[part].low * 1000 >= limit]
    unclear = [part for part, limit in limits.items() if found[part].high * 1000 > limit]
    told = f"{spread.total:g} answers, " + ", ".join(
        f"p{part * 100:g} {_bucket(found[part])} of {limit:g} ms" for part, limit in limits.items()
    )
    if over:
        return failed(f"{told}{aside}", **figures)
    if unclear:
        return inconclusive(f"{told}: the objective lies inside a bucket{aside}", **figures)
    if aside.startswith(" (not told"):
        return inconclusive(f"{told}{aside}", **figures)
    return passed(f"{told}{aside}", **figures)


def _bucket(one: Quantile) -> str:
    return f"between {one.low * 1000:g} and {one.high * 1000:g}"


def _restarted(restarts: int) -> str:
    """What is not known because a process was started anew."""
    if not restarts:
        return ""
    return f" (at least: {restarts} started anew, and what they had counted before is lost)"


def silence(seen: Sequence[Answered]) -> str:
    """Which places said nothing at the last look."""
    silent = [f"{one.place}: {one.error}" for one in latest(seen) if one.error]
    return f" (not told by {'; '.join(silent)})" if silent else ""


def nothing_before(seen: Sequence[L]) -> Ruling | None:
    """INCONCLUSIVE where there is no look before the last one to compare with."""
    if pairs(seen):
        return None
    return inconclusive("there is no look before this one to compare with")


@dataclass(frozen=True)
class Figures:
    """Some figures of one place at one look, by name; `clock_seconds` is real time."""

    at_seconds: float
    place: str
    born: float
    clock_seconds: float
    values: tuple[Row, ...]
    error: str = ""

    def get(self, name: str) -> float | None:
        """A figure; None where the place does not offer it."""
        return next((float(row[1] or 0) for row in self.values if row[0] == name), None)


def figures(
    gate: Gate, places: Iterable[Scrape], read: Mapping[str, Callable[[Scrape], float | None]]
) -> Iterator[Figures]:
    """Evidence of some figures at every place."""
    watch = gate.watch
    for one in places:
        values = {} if one.error else {name: ask(one) for name, ask in read.items()}
        yield Figures(
            at_seconds=watch.at_seconds,
            place=one.place,
            born=one.born,
            clock_seconds=round(watch.at_seconds / watch.order.scale, 3),
            values=tuple((name, value) for name, value in values.items() if value is not None),
            error=one.error,
        )


def worst_of(rulings: Sequence[Ruling]) -> Ruling:
    """One ruling of several places: that of the worst; its figures are of all."""
    order = (Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.PASS)
    ranked = sorted(rulings, key=lambda one: order.index(one.outcome))
    worst = [one for one in ranked if one.outcome is ranked[0].outcome]
    measured = {name: value for one in reversed(ranked) for name, value in one.measured.items()}
    summary = "; ".join(one.summary for one in worst)
    return Ruling(ranked[0].outcome, summary, measured, grade=worst[0].grade)
