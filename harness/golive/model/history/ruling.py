"""What the evidence of a drill proves."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import ceil

from golive.model.finding import Ruling, failed, inconclusive, passed
from golive.model.history.anomalies import Anomaly, anomalies
from golive.model.history.records import Demands, Drilled, History, Strike
from golive.model.history.witness import witness
from golive.model.slo import Slo

WITNESSES = 3
WITNESSES_COMPARED = 200
MILLISECONDS = 1000
LAG_ALLOWED_RATIO = 0.2
"""Of a limit: a golive that is later than that has not measured the target."""


def nothing_lost(seen: Sequence[Drilled], _slo: Slo) -> Ruling:
    """Every acknowledged notification had its effect once, every accepted file is whole, and the
    target recovered in time; INCONCLUSIVE where the drill did not show it.
    """
    rulings = [_rule(drilled) for drilled in seen]
    return min(rulings, key=lambda ruling: _ORDER.index(ruling.outcome))


_ORDER = [failed("").outcome, inconclusive("").outcome, passed("").outcome]


def _rule(drilled: Drilled) -> Ruling:
    history, demands = History.of(drilled), Demands(*drilled.demands)  # type: ignore[arg-type]
    figures = _figures(history, drilled)
    found = anomalies(history)
    if found:
        counted = Counter(anomaly.kind for anomaly in found)
        told = ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in counted.items())
        stories = "\n\n".join(sorted(_stories(history, found), key=len)[:WITNESSES])
        ruling = failed(
            f"{told} of {figures['payments']} payments and {figures['files']} files; for one, "
            f"{found[0].about}: {found[0].sentence}",
            **figures,
            **{f"{kind}_count": count for kind, count in counted.items()},
        )
        return replace(ruling, witness=stories)
    for strike in history.strikes:
        if strike.problem:
            return failed(f"{strike.fault} on {strike.on}: {strike.problem}", **figures)
    if reason := next(_unmet(history, drilled, demands), ""):
        return failed(reason, **figures)
    if reason := next(_unproven(history, drilled, demands), ""):
        return inconclusive(reason, **figures)
    return passed(_all_is_well(history, drilled, figures), **figures)


def _stories(history: History, found: Sequence[Anomaly]) -> list[str]:
    """The witnesses of those of the worst kind: the shortest tell it best."""
    worst = [anomaly for anomaly in found if anomaly.kind == found[0].kind]
    return [witness(history, anomaly) for anomaly in worst[:WITNESSES_COMPARED]]


def _unmet(history: History, drilled: Drilled, demands: Demands) -> Iterator[str]:
    """What the target did not do in time."""
    limit = demands.recover_within_seconds
    if not drilled.before and not 0 <= drilled.recovered_seconds <= limit:
        yield f"it had not recovered {limit:g} s after the last fault had healed"
    if drilled.after:
        yield f"after the faults the steady state did not return: {drilled.after}"
    if drilled.failed_jobs > 0 and not demands.jobs_may_fail:
        yield f"{drilled.failed_jobs} jobs ended as failed"
    late = _late_answer(history, demands)
    if late and drilled.lag_seconds < demands.answer_within_seconds * LAG_ALLOWED_RATIO:
        yield late
    if demands.other_routes_within_seconds:
        slowest = max((probe.milliseconds for probe in history.probes), default=0.0)
        if slowest > demands.other_routes_within_seconds * MILLISECONDS:
            yield f"another route took {slowest / MILLISECONDS:.1f} s while the fault was there"


def _late_answer(history: History, demands: Demands) -> str:
    """Which delivery was not answered in time (empty = all were)."""
    limit = demands.answer_within_seconds
    took = max(
        (one.completed_seconds - one.invoked_seconds for one in history.deliveries), default=0
    )
    return (
        f"a delivery was answered after {took:.1f} s, not within {limit:g} s"
        if 0 < limit < took
        else ""
    )


def _unproven(history: History, drilled: Drilled, demands: Demands) -> Iterator[str]:
    """Why the drill proves nothing although nothing went wrong."""
    if drilled.before:
        yield f"the steady state did not hold before any fault: {drilled.before}"
    if not any(one.acknowledged for one in history.deliveries) and not any(
        file.upload_id for file in history.files
    ):
        yield "nothing was acknowledged, so nothing could be lost"
    if late := _late_answer(history, demands):
        yield f"{late}, but golive was {drilled.lag_seconds:.1f} s late itself: a slow machine"
    if demands.other_routes_within_seconds and not history.probes:
        yield "no other route was asked while the fault was there"
    if demands.must_hit:
        yield from _vacuous(history)


def _vacuous(history: History) -> Iterator[str]:
    """Faults that were not there, or met nothing."""
    if not history.strikes:
        yield "no fault was there"
    for fault, on in sorted({(strike.fault, strike.on) for strike in history.strikes}):
        strikes = [one for one in history.strikes if (one.fault, one.on) == (fault, on)]
        if not any(in_flight(history, strike) for strike in strikes):
            yield f"vacuous: {fault} on {on} met nothing in flight"


def in_flight(history: History, strike: Strike) -> int:
    """How many payments and files were under way while a fault was there: being delivered, or
    acknowledged and not applied yet.
    """
    begin, end = strike.start_seconds, strike.end_seconds
    payments = 0
    for unique_id, deliveries in history.by_payment.items():
        applied = [one.applied_seconds for one in history.effects_of.get(unique_id, ())]
        last = max([one.completed_seconds for one in deliveries] + applied)
        first = min(one.invoked_seconds for one in deliveries)
        touched = any(
            one.invoked_seconds <= end and one.completed_seconds >= begin for one in deliveries
        )
        waiting = bool(applied) and first <= end and min(applied) >= begin and last >= begin
        payments += touched or waiting
    files = sum(one.sent_seconds <= end and one.answered_seconds >= begin for one in history.files)
    return payments + files


def _figures(history: History, drilled: Drilled) -> dict[str, float | str]:
    acknowledged = {one.unique_id for one in history.deliveries if one.acknowledged}
    unsure = {one.unique_id for one in history.deliveries if one.phase == "info"}
    waits = sorted(history.waits())
    figures: dict[str, float | str] = {
        "seed": drilled.seed,
        "deliveries": len(history.deliveries),
        "payments": len(history.by_payment),
        "acknowledged": len(acknowledged),
        "effects": len(history.effects),
        "files": len(history.files),
        "strikes": len(history.strikes),
        "disturbed_deliveries": sum(one.phase != "ok" for one in history.deliveries),
        "recovered_payments": len(unsure & acknowledged),
        "golive_lag_s": drilled.lag_seconds,
    }
    if drilled.recovered_seconds >= 0:
        figures["recovered_s"] = round(drilled.recovered_seconds, 1)
    if waits:
        figures |= {
            f"time_to_effect_p{part}_s": round(percentile(waits, part), 3) for part in (50, 99)
        }
    return figures


def percentile(ordered: Sequence[float], part: float) -> float:
    """The nearest-rank percentile of values in ascending order."""
    return ordered[max(0, ceil(len(ordered) * part / 100) - 1)]


def _all_is_well(history: History, drilled: Drilled, figures: dict[str, float | str]) -> str:
    told = f"{figures['deliveries']} deliveries of {figures['payments']} payments"
    if history.files:
        told += f" and {len(history.files)} files"
    told += ": none lost, none twice"
    if "time_to_effect_p99_s" in figures:
        told += f", p99 to effect {figures['time_to_effect_p99_s']} s"
    if history.strikes:
        told += f", recovered {drilled.recovered_seconds:.1f} s after the last fault"
    return told
