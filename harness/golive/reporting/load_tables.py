"""The tables of a load: its stages, and its slowest requests."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from golive.model.history.records import revived
from golive.model.load.records import ALL, TAKEN, Loaded, Measured, Slow
from golive.model.load.statistics import least_for
from golive.model.slo import Slo
from golive.model.view import Table
from golive.reporting.latencies import Latencies

MS_IN_SECOND = 1_000
PARTS = (50.0, 95.0, 99.0, 100.0)


def tables_of(loaded: Loaded, slo: Slo) -> Iterator[Table]:
    """What was measured of each stage, and of the slowest requests."""
    stages = revived(Measured, loaded.stages)
    if stages:
        yield _requests(stages)
        yield _felt(stages, slo)
        yield from _taken(loaded, stages)
    if loaded.slowest:
        yield _slowest(loaded)


def _requests(stages: Sequence[Measured]) -> Table:
    return Table(
        "Requests by stage",
        ("Stage", "Asked a second", "Given a second", "Dropped", "Late", "Failed", "Late p99"),
        tuple(
            (
                _name(one),
                f"{one.scheduled / one.seconds:.1f}",
                f"{(one.sent - one.failed) / one.seconds:.1f}",
                *(f"{count} of {one.scheduled}" for count in (one.dropped, one.late, one.failed)),
                _ms(one.late_p99_ms),
            )
            for one in stages
        ),
    )


def _felt(stages: Sequence[Measured], slo: Slo) -> Table:
    return Table(
        "Latency by stage, from when a request was due",
        ("Stage", "p50", "p95", "p99", "Longest", "Within limits"),
        tuple(
            (
                _name(one),
                _ms(one.felt_p50_ms),
                _between(one.felt_p95_ms, one.felt_p95_low_ms, one.felt_p95_high_ms),
                _between(one.felt_p99_ms, one.felt_p99_low_ms, one.felt_p99_high_ms),
                _ms(one.felt_max_ms),
                _kept(one, slo),
            )
            for one in stages
        ),
    )


def _taken(loaded: Loaded, stages: Sequence[Measured]) -> Iterator[Table]:
    texts = {str(stage): str(text) for stage, timed, text in loaded.histograms if timed == TAKEN}
    rows = []
    for one in stages:
        if one.stage in texts:
            latencies = Latencies(texts[one.stage])
            rows.append((_name(one), *(_ms(latencies.percentile_ms(part)) for part in PARTS)))
    if rows:
        title = "Latency by stage, from when a request was sent"
        yield Table(title, ("Stage", "p50", "p95", "p99", "Longest"), tuple(rows))


def _slowest(loaded: Loaded) -> Table:
    slowest = revived(Slow, loaded.slowest)
    return Table(
        f"The {len(slowest)} slowest requests",
        ("Due at", "Latency", "From sending", "What", "Stage", "Payment", "Request"),
        tuple(
            (
                _when(loaded.began, one.due_seconds),
                _ms(one.felt_ms),
                _ms(one.taken_ms),
                f"{one.kind}: {one.answer}",
                one.stage,
                one.unique_id,
                one.request_id or "not told",
            )
            for one in slowest
        ),
        folded=True,
    )


def _when(began: str, seconds: float) -> str:
    """In seconds from the start and, where that is known, by the clock, as logs have it."""
    if not began:
        return f"{seconds:.3f} s"
    at = datetime.fromisoformat(began) + timedelta(seconds=seconds)
    return f"{at:%H:%M:%S}.{at.microsecond // 1000:03d} UTC ({seconds:.1f} s)"


def _name(one: Measured) -> str:
    if one.stage == ALL:
        return "all"
    return f"{one.stage} (may be slow)" if one.may_be_slow else one.stage


def _kept(one: Measured, slo: Slo) -> str:
    if one.may_be_slow or one.stage == ALL:
        return "not judged"
    rows = (
        (0.95, one.taken_p95_low_ms, one.felt_p95_high_ms, slo.p95_ms),
        (0.99, one.taken_p99_low_ms, one.felt_p99_high_ms, slo.p99_ms),
    )
    if any(low >= limit for _, low, _, limit in rows):
        return "no"
    if any(one.answered < least_for(part) for part, *_ in rows):
        return "too few to tell by themselves"
    return "too close to tell" if any(high >= limit for *_, high, limit in rows) else "yes"


def _between(value: float, low: float, high: float) -> str:
    return f"{_ms(value)} ({low:.3g} to {high:.3g})"


def _ms(value: float) -> str:
    number = f"{value:.3g}" if value < MS_IN_SECOND else f"{value:.0f}"
    return f"{number}\N{NO-BREAK SPACE}ms"
