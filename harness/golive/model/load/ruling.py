"""What the evidence of a load proves.

What is the target's fault whatever the machine does comes first; then whether machine and generator
could have shown it at all; then what needs both of them to be well.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import inf

from golive.model.finding import Ruling, failed, inconclusive, passed
from golive.model.history.anomalies import anomalies_of_files
from golive.model.history.records import SentFile, revived
from golive.model.load.queue_age import oldest_job
from golive.model.load.records import ALL, Loaded, Measured
from golive.model.load.statistics import slope
from golive.model.outcome import Outcome
from golive.model.slo import Slo

LATE_RATIO = 0.05
LATE_SHARE = 0.2
"""More sent late than the ratio, by more than this share of the limit of p95, and it was not the
load that was asked for. Less does no harm: what was felt holds all of it.
"""

LEAST_PROCESSOR_SHARE = 0.5
LONG_SECONDS = 300.0
SETTLING_SECONDS = 60.0
SECONDS_IN_HOUR = 3600
BYTES_IN_MB = 1_000_000
SHOWN = 3


def felt_within_slo(seen: Sequence[Loaded], slo: Slo) -> Ruling:
    """Latency as users feel it and failures are within the SLO in every stage, the queue drains,
    nothing that was accepted is lost; INCONCLUSIVE where the load did not show it.
    """
    rulings = [_rule(_Case(loaded, slo)) for loaded in seen]
    order = [Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.PASS]
    return min(rulings, key=lambda ruling: order.index(ruling.outcome))


@dataclass(frozen=True)
class _Case:
    """The evidence, with its rows as records again."""

    loaded: Loaded
    slo: Slo

    @property
    def stages(self) -> tuple[Measured, ...]:
        return revived(Measured, self.loaded.stages)

    @property
    def judged(self) -> tuple[Measured, ...]:
        """Stages whose latency counts."""
        return tuple(one for one in self.stages if not one.may_be_slow and one.stage != ALL)

    @property
    def all(self) -> Measured | None:
        return next((one for one in self.stages if one.stage == ALL), None)

    @property
    def bare(self) -> tuple[Measured, ...]:
        return revived(Measured, self.loaded.bare)


_Reasons = Callable[[_Case], Iterator[str]]


def _rule(case: _Case) -> Ruling:
    figures = _figures(case)
    for make, reasons in _IN_ORDER:
        if found := next(reasons(case), ""):
            ruling = make(found, **figures)
            return replace(ruling, witness=_witness(case))
    return passed(_summary(case), **figures)


def _nothing(case: _Case) -> Iterator[str]:
    if case.all is None or not case.all.sent:
        yield f"no traffic: nothing was sent {case.loaded.problem}".strip()


def _lost(case: _Case) -> Iterator[str]:
    if case.loaded.wrong:
        kind, about, sentence = case.loaded.wrong[0]
        yield f"{case.loaded.wrong_count} payments are wrong; {about} is {kind}: {sentence}"
    for anomaly in anomalies_of_files(revived(SentFile, case.loaded.files)):
        # What waits in a queue that is not empty is not lost yet.
        if case.loaded.drained_seconds < 0 and anomaly.kind == "lost":
            continue
        yield f"the file {anomaly.about} is {anomaly.kind}: {anomaly.sentence}"


def _faulty(case: _Case) -> Iterator[str]:
    """Wrong answers are the target's own, however slow the machine is."""
    for one in case.stages:
        if one.faulty and (case.loaded.no_errors or _ratio(one.faulty, one) >= _limit(case)):
            yield f"{one.stage}: {_of(one.faulty, one)} were answered wrongly{_most(case, one)}"


def _machine(case: _Case) -> Iterator[str]:
    for one in case.bare:
        if one.felt_p95_ms >= case.slo.p95_ms or one.felt_p99_ms >= case.slo.p99_ms or one.failed:
            yield (
                f"the machine is too slow: even a server that does nothing had p95 "
                f"{one.felt_p95_ms:.0f} ms, p99 {one.felt_p99_ms:.0f} ms, {one.failed} failed"
            )
    if case.loaded.processor_share < LEAST_PROCESSOR_SHARE:
        yield (
            "the machine is busy with other work: before or after the load, a process got only "
            f"{case.loaded.processor_share:.0%} of a processor"
        )
    if not case.bare:
        yield "nothing says what this machine can do: no server that does nothing was measured"


def machine_too_slow(loaded: Loaded, slo: Slo) -> str:
    """Why slow answers prove nothing about the target (empty = they do)."""
    return next(_machine(_Case(loaded, slo)), "")


def _failures(case: _Case) -> Iterator[str]:
    for one in case.stages:
        if one.failed and (case.loaded.no_errors or _ratio(one.failed, one) >= _limit(case)):
            yield f"{one.stage}: {_of(one.failed, one)} failed{_most(case, one)}"


def _late(case: _Case) -> Iterator[str]:
    for one in case.stages:
        if fell_behind(one, case.slo):
            yield (
                f"the generator could not keep up: in {one.stage} {_of(one.late, one)} were sent "
                f"late, p99 {one.late_p99_ms:.0f} ms"
            )


def fell_behind(one: Measured, slo: Slo) -> bool:
    """Whether the generator could not keep up."""
    return one.late > LATE_RATIO * one.sent and one.late_p99_ms >= LATE_SHARE * slo.p95_ms


def _slow(case: _Case) -> Iterator[str]:
    """Beyond the limit with the confidence of the interval: from when it was sent, then from when
    it was due.
    """
    for one in case.judged:
        for part, limit, sent, due in _percentiles(one, case.slo):
            if max(sent.low, due.low) >= limit:
                yield (
                    f"{one.stage}: {part} is {due.value:.0f} ms ({due.low:.0f} to {due.high:.0f}), "
                    f"the limit is {limit:g} ms"
                )


def _incomplete(case: _Case) -> Iterator[str]:
    loaded, total = case.loaded, case.all
    if total is not None and total.dropped:
        yield (
            f"{total.dropped} of {total.scheduled} requests were dropped: too many others had no "
            "answer yet"
        )
    if loaded.stopped:
        yield f"it was stopped early: {loaded.stopped}"
    if loaded.problem:
        yield loaded.problem
    if total is not None and (missing := loaded.planned - total.scheduled):
        yield f"{missing} of {loaded.planned} requests of the schedule were never due anywhere"
    if total is not None and (missing := total.sent - total.answered):
        yield f"nobody knows what has become of {missing} requests"


def _queue(case: _Case) -> Iterator[str]:
    deepest = max((deepest_queue(case.loaded, one) for one in case.judged), default=0.0)
    if deepest >= case.slo.queue_depth:
        yield f"the queue was {deepest:g} jobs deep, the limit is {case.slo.queue_depth}"
    oldest = _oldest_job(case)[0]
    if oldest >= case.slo.queue_age_seconds:
        yield f"a job waited for {oldest:.1f} s, the limit is {case.slo.queue_age_seconds:g} s"
    if case.loaded.drained_seconds < 0:
        yield "the queue was not empty again after the load"


def _oldest_job(case: _Case) -> tuple[float, float]:
    """The age of the oldest job in the stages that are judged: what was seen, and its bound."""
    ages = [oldest_job(case.loaded, one) for one in case.judged]
    return max((one[0] for one in ages), default=0.0), max((one[1] for one in ages), default=0.0)


def deepest_queue(loaded: Loaded, stage: Measured) -> float:
    """How many jobs waited at most while a stage lasted."""
    begin, end = stage.began_seconds, stage.began_seconds + stage.seconds
    inside = (_number(row[1]) for row in loaded.queue if begin <= _number(row[0]) <= end)
    return max(inside, default=0.0)


def _unobserved(case: _Case) -> Iterator[str]:
    if not case.loaded.queue:
        yield "the depth of the queue was not observed"
    if _oldest_job(case)[1] == inf:
        yield "how long jobs waited was not told, and the queue was never seen empty"
    if not case.loaded.owed:
        yield "not one notification was acknowledged, so nothing could be lost"


def _memory(case: _Case) -> Iterator[str]:
    grown = _growth(case)
    if grown is not None and grown[1] > case.slo.memory_mb_per_hour:
        yield (
            f"memory grows by {grown[0]:.0f} MB an hour ({grown[1]:.0f} to {grown[2]:.0f}), "
            f"the limit is {case.slo.memory_mb_per_hour:g}"
        )


def _unsure(case: _Case) -> Iterator[str]:
    for one in case.judged:
        for part, limit, _sent, due in _percentiles(one, case.slo):
            if due.high >= limit:
                yield (
                    f"{one.stage}: {part} is {due.value:.0f} ms, but between {due.low:.0f} and "
                    f"{due.high:.0f}, and the limit is {limit:g} ms: too close to tell"
                )
    seen, most = _oldest_job(case)
    if most >= case.slo.queue_age_seconds:
        yield (
            f"a job waited for {seen:.1f} s, and may have waited for {most:.1f}, the limit is "
            f"{case.slo.queue_age_seconds:g} s: too close to tell"
        )


_IN_ORDER: tuple[tuple[Callable[..., Ruling], _Reasons], ...] = (
    (inconclusive, _nothing),
    (failed, _lost),
    (failed, _faulty),
    (inconclusive, _machine),
    (failed, _failures),
    (inconclusive, _late),
    (failed, _slow),
    (failed, _queue),
    (failed, _memory),
    (inconclusive, _incomplete),
    (inconclusive, _unobserved),
    (inconclusive, _unsure),
)


@dataclass(frozen=True)
class _Estimate:
    """A percentile in milliseconds, and what encloses it."""

    value: float
    low: float
    high: float


def _percentiles(one: Measured, slo: Slo) -> Iterator[tuple[str, float, _Estimate, _Estimate]]:
    """Name, limit, measured from the sending, measured from the moment it was due."""
    sent95 = _Estimate(one.taken_p95_ms, one.taken_p95_low_ms, one.taken_p95_ms)
    sent99 = _Estimate(one.taken_p99_ms, one.taken_p99_low_ms, one.taken_p99_ms)
    due95 = _Estimate(one.felt_p95_ms, one.felt_p95_low_ms, one.felt_p95_high_ms)
    due99 = _Estimate(one.felt_p99_ms, one.felt_p99_low_ms, one.felt_p99_high_ms)
    yield "p95", slo.p95_ms, sent95, due95
    yield "p99", slo.p99_ms, sent99, due99


def _growth(case: _Case) -> tuple[float, float, float] | None:
    """Megabytes an hour over the longest stage, with their interval; None where it is short."""
    longest = max(case.judged, key=lambda one: one.seconds, default=None)
    if longest is None or longest.seconds < LONG_SECONDS:
        return None
    begin, end = longest.began_seconds + SETTLING_SECONDS, longest.began_seconds + longest.seconds
    points = [
        (_number(at), _number(size) / BYTES_IN_MB * SECONDS_IN_HOUR)
        for at, size in case.loaded.memory
        if begin <= _number(at) <= end
    ]
    return slope(points) if points else None


def _figures(case: _Case) -> dict[str, float | str]:
    loaded, total = case.loaded, case.all
    figures: dict[str, float | str] = {"seed": loaded.seed, "workers": loaded.workers}
    if total is None:
        return figures
    for name in ("scheduled", "sent", "dropped", "late", "failed"):
        figures[name] = getattr(total, name)
    figures |= {
        "p50_ms": total.felt_p50_ms,
        "p95_ms": total.felt_p95_ms,
        "p99_ms": total.felt_p99_ms,
        "max_ms": total.felt_max_ms,
        "from_sending_p95_ms": total.taken_p95_ms,
        "from_sending_p99_ms": total.taken_p99_ms,
        "late_p99_ms": total.late_p99_ms,
        "processor_share": loaded.processor_share,
        "generator_cpu_percent": loaded.cpu_percent,
        "acknowledged": loaded.owed,
        "effects": loaded.applied,
        "queue_deepest_jobs": max((_number(row[1]) for row in loaded.queue), default=-1),
        "queue_drained_s": loaded.drained_seconds,
        "files": len(loaded.files),
    }
    if case.judged:
        figures["margin_ratio"] = round(_margin(case), 2)
        figures |= _ages(case)
    for place, one in enumerate(case.bare):
        figures[f"bare_{place + 1}_p95_ms"] = one.felt_p95_ms
    if grown := _growth(case):
        names = ("", "_low", "_high")
        figures |= {
            f"memory{name}_mb_per_hour": round(value, 1)
            for name, value in zip(names, grown, strict=True)
        }
    return figures


def _ages(case: _Case) -> dict[str, float]:
    """The age of the oldest job as it was seen, what encloses it, and how far the limit is."""
    seen, most = _oldest_job(case)
    told = {"queue_age_low_s": round(seen, 3)}
    if most == inf:
        return told
    margin = round(case.slo.queue_age_seconds / max(most, 0.001), 2)
    return {**told, "queue_age_high_s": round(most, 3), "queue_age_margin_ratio": margin}


def _margin(case: _Case) -> float:
    """How many times slower the slowest percentile could be and still be within its limit."""
    return min(
        limit / max(due.value, 0.001)
        for one in case.judged
        for _part, limit, _sent, due in _percentiles(one, case.slo)
    )


def _summary(case: _Case) -> str:
    total, loaded = case.all, case.loaded
    if total is None:
        return ""
    worst = max(case.judged, key=lambda one: one.felt_p95_ms)
    return (
        f"{total.sent} requests: p95 at most {worst.felt_p95_ms:.0f} ms ({worst.stage}), "
        f"{total.failed} failed; {loaded.owed} acknowledged, none lost, none twice; "
        f"{_margin(case):.1f} times within the limits"
    )


def _witness(case: _Case) -> str:
    """One line for each stage, then the first effects that are wrong."""
    lines = [
        f"{one.stage}: sent {one.sent}, p95 {one.felt_p95_ms} ms, p99 {one.felt_p99_ms} ms, "
        f"failed {one.failed}, dropped {one.dropped}, late {one.late}"
        for one in case.stages
    ]
    lines += [f"{about}: {kind}: {told}" for kind, about, told in case.loaded.wrong[:SHOWN]]
    return "\n".join(lines)


def _most(case: _Case, one: Measured) -> str:
    """The answers of a stage that were most frequent, in words."""
    told = [
        f"{count} x {answer}" for stage, answer, count in case.loaded.answers if stage == one.stage
    ]
    return f" ({', '.join(told[:SHOWN])})" if told else ""


def _limit(case: _Case) -> float:
    return case.slo.failed_ratio


def _ratio(count: int, one: Measured) -> float:
    return count / max(1, one.sent)


def _of(count: int, one: Measured) -> str:
    return f"{count} of {one.sent} requests"


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
