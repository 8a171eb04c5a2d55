"""Up to which rate the target keeps its SLO."""

from collections.abc import Sequence
from dataclasses import dataclass

from golive.model.finding import Ruling, failed, inconclusive, passed
from golive.model.history.records import revived
from golive.model.load.case import deepest_queue, longest_gap
from golive.model.load.queue_age import oldest_job
from golive.model.load.records import ALL, Loaded, Measured
from golive.model.load.ruling import LONGEST_GAP_SECONDS, fell_behind, machine_too_slow
from golive.model.load.statistics import share_around
from golive.model.load.stolen import taken_by_the_host
from golive.model.slo import Slo


@dataclass(frozen=True)
class Knee:
    """A check of steps that rise: one of at least that rate must keep the SLO before one breaks it.

    A step breaks or keeps it where the whole interval of its percentiles does; between the two it
    was too short to tell.
    """

    at_least_per_second: float

    def __call__(self, seen: Sequence[Loaded], slo: Slo) -> Ruling:
        """Rule on the last load."""
        loaded = seen[-1]
        if loaded.wrong:
            kind, about, sentence = loaded.wrong[0]
            return failed(f"{about} is {kind}: {sentence}", wrong=loaded.wrong_count)
        steps = [one for one in revived(Measured, loaded.stages) if one.stage != ALL]
        broke = next((one for one in steps if _why_broken(one, loaded, slo)), None)
        before = steps if broke is None else steps[: steps.index(broke)]
        kept = [one.to_per_second for one in before if _is_kept(one, loaded, slo)]
        knee = max(kept, default=0.0)
        beyond = f"; at {broke.to_per_second:g}, {_why_broken(broke, loaded, slo)}" if broke else ""
        told = f"the SLO is kept up to {knee:g} requests a second{beyond}"
        figures = {"knee_per_second": knee, "asked_per_second": self.at_least_per_second}
        if knee >= self.at_least_per_second and not loaded.problem:
            if unproven := _unproven(loaded):
                return inconclusive(f"{told}; {unproven}", **figures)
            return passed(told, **figures)
        doubt = self._doubt(broke, loaded, slo)
        return inconclusive(f"{told}; {doubt}", **figures) if doubt else failed(told, **figures)

    def _doubt(self, broke: Measured | None, loaded: Loaded, slo: Slo) -> str:
        """Why it need not be the target that gave way (empty = it was)."""
        if broke is not None and _answered_wrongly(broke, slo):
            # However slow the machine is, that is the target's own.
            return ""
        if loaded.problem:
            return loaded.problem
        if doubt := machine_too_slow(loaded, slo) or taken_by_the_host(loaded):
            return doubt
        if broke is None or fell_behind(broke, slo):
            return "no step was shown to break it"
        if broke.to_per_second > self.at_least_per_second:
            return f"the steps around {self.at_least_per_second:g} were too short to tell"
        return ""


def _unproven(loaded: Loaded) -> str:
    """Why nobody knows whether something was lost (empty = it is known)."""
    if loaded.drained_seconds < 0:
        return "the queue was not empty again, so what was accepted may be lost"
    return "" if loaded.owed else "not one notification was acknowledged"


def _answered_wrongly(one: Measured, slo: Slo) -> bool:
    return one.faulty > 0 and share_around(one.faulty, one.sent)[0] >= slo.failed_ratio


def _why_broken(one: Measured, loaded: Loaded, slo: Slo) -> str:
    """How a step broke the SLO, or our load did not come about (empty = neither is shown)."""
    if fell_behind(one, slo):
        return f"the generator sent {one.late} of {one.sent} late"
    if one.dropped or share_around(one.failed, one.sent)[0] >= slo.failed_ratio:
        return f"{one.failed} of {one.sent} failed, {one.dropped} were dropped"
    if one.taken_p95_low_ms >= slo.p95_ms or one.taken_p99_low_ms >= slo.p99_ms:
        return f"p95 is {one.taken_p95_ms:.0f} ms, p99 {one.taken_p99_ms:.0f} ms"
    deepest = deepest_queue(loaded, one)
    if deepest >= slo.queue_depth:
        return f"the queue is {deepest:g} jobs deep"
    if (oldest := oldest_job(loaded, one)[0]) >= slo.queue_age_seconds:
        return f"a job has waited for {oldest:.1f} s"
    return ""


def _is_kept(one: Measured, loaded: Loaded, slo: Slo) -> bool:
    return (
        one.sent > 0
        and one.answered == one.sent
        and longest_gap(loaded, one) <= LONGEST_GAP_SECONDS
        and oldest_job(loaded, one)[1] < slo.queue_age_seconds
        and not _why_broken(one, loaded, slo)
        and one.felt_p95_high_ms < slo.p95_ms
        and one.felt_p99_high_ms < slo.p99_ms
    )
