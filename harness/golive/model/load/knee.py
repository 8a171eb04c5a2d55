"""Up to which rate the target keeps its SLO."""

from collections.abc import Sequence
from dataclasses import dataclass

from golive.model.finding import Ruling, failed, inconclusive, passed
from golive.model.history.records import revived
from golive.model.load.queue_age import oldest_job
from golive.model.load.records import ALL, Loaded, Measured
from golive.model.load.ruling import deepest_queue, fell_behind
from golive.model.slo import Slo


@dataclass(frozen=True)
class Knee:
    """A check of steps that rise: the last one before the SLO breaks must reach `at_least`."""

    at_least_per_second: float

    def __call__(self, seen: Sequence[Loaded], slo: Slo) -> Ruling:
        """Rule on the last load."""
        loaded = seen[-1]
        if loaded.wrong:
            kind, about, sentence = loaded.wrong[0]
            return failed(f"{about} is {kind}: {sentence}", wrong=loaded.wrong_count)
        steps = [one for one in revived(Measured, loaded.stages) if one.stage != ALL]
        kept = 0
        while kept < len(steps) and not _why_not(steps[kept], loaded, slo):
            kept += 1
        knee = steps[kept - 1].to_per_second if kept else 0.0
        broke = steps[kept] if kept < len(steps) else None
        beyond = f"; at {broke.to_per_second:g}, {_why_not(broke, loaded, slo)}" if broke else ""
        told = f"the SLO is kept up to {knee:g} requests a second{beyond}"
        figures = {"knee_per_second": knee, "asked_per_second": self.at_least_per_second}
        if knee >= self.at_least_per_second:
            return passed(told, **figures)
        # Where nothing was sent, or not on time, it is not the target that gave way.
        ours = broke is None or fell_behind(broke, slo)
        return inconclusive(told, **figures) if ours else failed(told, **figures)


def _why_not(one: Measured, loaded: Loaded, slo: Slo) -> str:
    """How a step broke the SLO (empty = it did not)."""
    if fell_behind(one, slo):
        return f"the generator sent {one.late} of {one.sent} late"
    if one.dropped or one.failed >= slo.failed_ratio * max(1, one.sent):
        return f"{one.failed} of {one.sent} failed, {one.dropped} were dropped"
    if one.felt_p95_high_ms >= slo.p95_ms or one.felt_p99_high_ms >= slo.p99_ms:
        return f"p95 is {one.felt_p95_ms:.0f} ms, p99 {one.felt_p99_ms:.0f} ms"
    deepest = deepest_queue(loaded, one)
    if deepest >= slo.queue_depth:
        return f"the queue is {deepest:g} jobs deep"
    if (oldest := oldest_job(loaded, one)[0]) >= slo.queue_age_seconds:
        return f"a job has waited for {oldest:.1f} s"
    return ""
