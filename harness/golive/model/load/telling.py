"""What is said of a load beside its outcome: figures, a summary, a witness."""

from math import inf

from golive.model.load.case import Case, percentiles
from golive.model.load.records import Measured, number
from golive.model.load.resources import used

SHOWN = 3


def figures_of(case: Case) -> dict[str, float | str]:
    """What was measured, by name."""
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
        "queue_deepest_jobs": max((number(row[1]) for row in loaded.queue), default=-1),
        "queue_drained_s": loaded.drained_seconds,
        "files": len(loaded.files),
        "files_accepted": sum(bool(one.upload_id) for one in case.files),
    }
    if case.judged:
        figures["margin_ratio"] = round(margin_of(case), 2)
        figures |= _ages(case)
    for place, one in enumerate(case.bare):
        figures[f"bare_{place + 1}_p95_ms"] = one.felt_p95_ms
    known = [one for one in case.growths if one.is_known]
    if worst := max(known, key=lambda one: one.value, default=None):
        names = ("", "_low", "_high")
        figures |= {
            f"memory{name}_mb_per_hour": round(value, 1)
            for name, value in zip(names, (worst.value, worst.low, worst.high), strict=True)
        }
    for what, most, limit in used(loaded, case.slo):
        if most is not None:
            figures |= {what: round(most, 2), f"limit of {what}": limit}
    return figures


def _ages(case: Case) -> dict[str, float]:
    """The age of the oldest job as it was seen, what encloses it, and how far the limit is."""
    seen, most = case.oldest_job
    told = {"queue_age_low_s": round(seen, 3)}
    if most == inf:
        return told
    margin = round(case.slo.queue_age_seconds / max(most, 0.001), 2)
    return {**told, "queue_age_high_s": round(most, 3), "queue_age_margin_ratio": margin}


def margin_of(case: Case) -> float:
    """How many times slower the slowest percentile could be and still be within its limit."""
    return min(
        limit / max(due.value, 0.001)
        for one in case.judged
        for _part, limit, _sent, due in percentiles(one, case.slo)
    )


def summary_of(case: Case) -> str:
    """One sentence for a load that passes."""
    total, loaded = case.all, case.loaded
    if total is None:
        return ""
    worst = max(case.judged, key=lambda one: one.felt_p95_ms)
    looked_up = (
        f" (of {loaded.asked_payments} of {loaded.payments} payments, looked up)"
        if loaded.asked_payments < loaded.payments
        else ""
    )
    return (
        f"{total.sent} requests: p95 at most {worst.felt_p95_ms:.0f} ms ({worst.stage}), "
        f"{total.failed} failed; {loaded.owed} acknowledged{looked_up}, none lost, "
        f"none twice; {margin_of(case):.1f} times within the limits"
    )


def witness_of(case: Case) -> str:
    """One line for each stage, then the first effects that are wrong."""
    lines = [
        f"{one.stage}: sent {one.sent}, p95 {one.felt_p95_ms} ms, p99 {one.felt_p99_ms} ms, "
        f"failed {one.failed}, dropped {one.dropped}, late {one.late}"
        for one in case.stages
    ]
    lines += [f"{about}: {kind}: {told}" for kind, about, told in case.loaded.wrong[:SHOWN]]
    return "\n".join(lines)


def most_frequent(case: Case, one: Measured) -> str:
    """The answers of a stage that were most frequent, in words."""
    told = [
        f"{count} x {answer}" for stage, answer, count in case.loaded.answers if stage == one.stage
    ]
    return f" ({', '.join(told[:SHOWN])})" if told else ""


def counted(count: int, one: Measured) -> str:
    """So many of the requests of a stage, in words."""
    return f"{count} of {one.sent} requests"
