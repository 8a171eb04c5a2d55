"""What the evidence of a load proves.

What is the target's fault whatever the machine does comes first; then whether machine and generator
could have shown it at all; then what needs both of them to be well.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from math import inf

from golive.model.finding import Ruling, failed, inconclusive, passed
from golive.model.history.anomalies import anomalies_of_files
from golive.model.load.case import PARTS, Case, deepest_queue, longest_gap, percentiles
from golive.model.load.pooling import pooled_ms
from golive.model.load.records import Loaded, Measured
from golive.model.load.resources import used
from golive.model.load.statistics import least_for, share_around
from golive.model.load.stolen import taken_by_the_host
from golive.model.load.telling import counted, figures_of, most_frequent, summary_of, witness_of
from golive.model.outcome import Outcome
from golive.model.slo import Slo

LATE_RATIO = 0.05
LATE_SHARE = 0.2
"""More sent late than the ratio, by more than this share of the limit of p95, and it was not the
load that was asked for. Less does no harm: what was felt holds all of it.
"""

LEAST_PROCESSOR_SHARE = 0.5
LONGEST_GAP_SECONDS = 5.0
"""Longer than this between two looks, and nobody knows what the queue did meanwhile."""
LEAST_FILES = 0.9
"""The share of the planned files that must have been sent."""


def felt_within_slo(seen: Sequence[Loaded], slo: Slo) -> Ruling:
    """Latency as users feel it and failures are within the SLO in every stage, the queue drains,
    nothing that was accepted is lost; INCONCLUSIVE where the load did not show it.
    """
    rulings = [_rule(Case(loaded, slo)) for loaded in seen]
    order = [Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.PASS]
    return min(rulings, key=lambda ruling: order.index(ruling.outcome))


_Reasons = Callable[[Case], Iterator[str]]


def _rule(case: Case) -> Ruling:
    figures = figures_of(case)
    for make, reasons in _IN_ORDER:
        if found := next(reasons(case), ""):
            ruling = make(found, **figures)
            return replace(ruling, witness=witness_of(case))
    return passed(summary_of(case), **figures)


def _nothing(case: Case) -> Iterator[str]:
    if case.all is None or not case.all.sent:
        yield f"no traffic: nothing was sent {case.loaded.problem}".strip()


def _lost(case: Case) -> Iterator[str]:
    if case.loaded.wrong:
        kind, about, sentence = case.loaded.wrong[0]
        yield f"{case.loaded.wrong_count} payments are wrong; {about} is {kind}: {sentence}"
    for anomaly in anomalies_of_files(case.files):
        # What waits in a queue that is not empty is not lost yet.
        if case.loaded.drained_seconds < 0 and anomaly.kind == "lost":
            continue
        yield f"the file {anomaly.about} is {anomaly.kind}: {anomaly.sentence}"


def _faulty(case: Case) -> Iterator[str]:
    """Wrong answers are the target's own, however slow the machine is."""
    for one in case.stages:
        if _is_too_many(case, one.faulty, one.sent):
            told = most_frequent(case, one)
            yield f"{one.stage}: {counted(one.faulty, one)} were answered wrongly{told}"
    refused = [one for one in case.files if not one.upload_id]
    if _is_too_many(case, len(refused), len(case.files)):
        yield (
            f"{len(refused)} of {len(case.files)} files were not accepted: "
            f"{refused[0].answer or 'no answer'}"
        )


def _is_too_many(case: Case, count: int, total: int) -> bool:
    """Whether chance alone cannot explain so many, where any may be at all."""
    return bool(count) and (
        case.loaded.no_errors or share_around(count, total)[0] >= case.slo.failed_ratio
    )


def _machine(case: Case) -> Iterator[str]:
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
    return next(_machine(Case(loaded, slo)), "")


def _robbed(case: Case) -> Iterator[str]:
    """Late, but not by the target's fault alone."""
    if taken := taken_by_the_host(case.loaded):
        for reasons in (_slow, _queue):
            yield from (f"{reason}; but {taken}" for reason in reasons(case))


def _failures(case: Case) -> Iterator[str]:
    for one in case.stages:
        if _is_too_many(case, one.failed, one.sent):
            yield f"{one.stage}: {counted(one.failed, one)} failed{most_frequent(case, one)}"


def _late(case: Case) -> Iterator[str]:
    for one in case.stages:
        if fell_behind(one, case.slo):
            yield (
                f"the generator could not keep up: in {one.stage} {counted(one.late, one)} were "
                f"sent late, p99 {one.late_p99_ms:.0f} ms"
            )


def fell_behind(one: Measured, slo: Slo) -> bool:
    """Whether the generator could not keep up."""
    return one.late > LATE_RATIO * one.sent and one.late_p99_ms >= LATE_SHARE * slo.p95_ms


def _slow(case: Case) -> Iterator[str]:
    """Beyond the limit with the confidence of the interval, counted from when it was sent: what
    comes before that is the generator's own, which sends whether or not the target answers.
    """
    for one in case.judged:
        for part, limit, sent, due in percentiles(one, case.slo):
            if sent.low >= limit:
                yield (
                    f"{one.stage}: {part} is {due.value:.0f} ms ({due.low:.0f} to {due.high:.0f}), "
                    f"the limit is {limit:g} ms"
                )


def _incomplete(case: Case) -> Iterator[str]:
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
    if len(case.files) < LEAST_FILES * loaded.planned_files:
        yield f"only {len(case.files)} of {loaded.planned_files} files were sent in time"


def _queue(case: Case) -> Iterator[str]:
    deepest = max((deepest_queue(case.loaded, one) for one in case.judged), default=0.0)
    if deepest >= case.slo.queue_depth:
        yield f"the queue was {deepest:g} jobs deep, the limit is {case.slo.queue_depth}"
    oldest = case.oldest_job[0]
    if oldest >= case.slo.queue_age_seconds:
        yield f"a job waited for {oldest:.1f} s, the limit is {case.slo.queue_age_seconds:g} s"
    if case.loaded.drained_seconds < 0:
        yield "the queue was not empty again after the load"


def _unobserved(case: Case) -> Iterator[str]:
    if not case.loaded.queue:
        yield "the depth of the queue was not observed"
    for one in case.judged:
        if (gap := longest_gap(case.loaded, one)) > LONGEST_GAP_SECONDS:
            yield f"{one.stage}: nobody looked at the queue for {gap:.0f} s"
    if case.oldest_job[1] == inf:
        yield "how long jobs waited was not told, and the queue was never seen empty"
    if not case.loaded.owed:
        yield "not one notification was acknowledged, so nothing could be lost"
    yield from _unobserved_use(case)


def _unobserved_use(case: Case) -> Iterator[str]:
    for grown in case.growths:
        if not grown.is_known:
            yield f"{grown.stage}: whether memory grows was not observed"
    for what, most, _limit in used(case.loaded, case.slo):
        if most is None:
            yield f"how many {what} were used was not observed, and the target file limits them"


def _memory(case: Case) -> Iterator[str]:
    limit = case.slo.memory_mb_per_hour
    for grown in case.growths:
        if grown.is_known and grown.low > limit:
            yield f"{grown.stage}: {grown}, the limit is {limit:g}"


def _used(case: Case) -> Iterator[str]:
    for what, most, limit in used(case.loaded, case.slo):
        if most is not None and most >= limit:
            yield f"{most:.4g} {what} were used, the limit is {limit:g}"


def _unsure(case: Case) -> Iterator[str]:
    for name, alike in case.alike.items():
        if len(alike) == 1:
            yield from _unsure_stage(alike[0], case.slo)
        else:
            yield from _unsure_pool(case, alike, f"{len(alike)} x {name}")
    yield from _unsure_together(case)
    total = case.all
    if total is not None and share_around(total.failed, total.sent)[1] >= case.slo.failed_ratio:
        yield f"{counted(total.failed, total)} failed, and the limit is near: too few to tell"
    for grown in case.growths:
        if grown.high >= case.slo.memory_mb_per_hour:
            yield f"{grown.stage}: {grown}, too close to tell"
    seen, most = case.oldest_job
    if most >= case.slo.queue_age_seconds:
        yield (
            f"a job waited for {seen:.1f} s, and may have waited for {most:.1f}, the limit is "
            f"{case.slo.queue_age_seconds:g} s: too close to tell"
        )


def _unsure_stage(one: Measured, slo: Slo) -> Iterator[str]:
    for part, limit, sent, due in percentiles(one, slo):
        if due.high < limit or one.answered < least_for(PARTS[part]):
            continue
        why = "too close to tell"
        if due.low >= limit:
            why = f"and {sent.value:.0f} from when it was sent: the generator was late"
        yield (
            f"{one.stage}: {part} is {due.value:.0f} ms, but between {due.low:.0f} and "
            f"{due.high:.0f}, and the limit is {limit:g} ms: {why}"
        )


def _unsure_together(case: Case) -> Iterator[str]:
    """Stages that are too short for a percentile of their own have one together with the others."""
    sizes = [sum(one.answered for one in alike) for alike in case.alike.values()]
    fewest = min(sizes, default=0)
    for part, share in PARTS.items():
        if fewest >= least_for(share):
            continue
        if pooled_ms(case.loaded, case.judged, share) is None:
            yield f"{part} is not known: it takes {least_for(share)} requests to bound it"
    if fewest < max(map(least_for, PARTS.values())):
        yield from _unsure_pool(case, case.judged, "all of it together")


def _unsure_pool(case: Case, stages: Sequence[Measured], name: str) -> Iterator[str]:
    """The percentiles of several stages as if they were one."""
    limits = {"p95": case.slo.p95_ms, "p99": case.slo.p99_ms}
    for part, limit in limits.items():
        pooled = pooled_ms(case.loaded, stages, PARTS[part])
        if pooled is not None and pooled[2] >= limit:
            yield (
                f"{name}: {part} of {pooled[0]} requests is {pooled[1]:.0f} ms, but up to "
                f"{pooled[2]:.0f}, and the limit is {limit:g} ms: too close to tell"
            )


_IN_ORDER: tuple[tuple[Callable[..., Ruling], _Reasons], ...] = (
    (inconclusive, _nothing),
    (failed, _lost),
    (failed, _faulty),
    (inconclusive, _machine),
    (failed, _failures),
    (inconclusive, _late),
    (inconclusive, _robbed),
    (failed, _slow),
    (failed, _queue),
    (failed, _memory),
    (failed, _used),
    (inconclusive, _incomplete),
    (inconclusive, _unobserved),
    (inconclusive, _unsure),
)
