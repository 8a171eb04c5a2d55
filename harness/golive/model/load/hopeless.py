"""When it makes no sense to go on with a load."""

from collections.abc import Sequence

from golive.model.load.records import Beat
from golive.model.load.traffic import LoadPlan
from golive.model.slo import Slo

LAST_SECONDS = 5.0
FEWEST = 50
FAILED_SHARE = 0.5
SLOW_TIMES = 10.0
"""So many times the limit of p99 on average, and no percentile can come out within its limit."""
MS_IN_SECOND = 1_000


def hopeless(beats: Sequence[Beat], plan: LoadPlan, slo: Slo) -> str:
    """Why a load is to be stopped before its time (empty = it goes on)."""
    if not beats:
        return ""
    last = beats[-1]
    if plan.no_errors and last.failed:
        return f"{last.failed} of {last.answered} requests failed, and not one may"
    before = next(
        (
            one
            for one in reversed(beats)
            if last.elapsed_seconds - one.elapsed_seconds >= LAST_SECONDS
        ),
        None,
    )
    if before is None:
        return ""
    bad = last.failed + last.dropped - before.failed - before.dropped
    ended = last.answered + last.dropped - before.answered - before.dropped
    if ended >= FEWEST and bad >= FAILED_SHARE * ended:
        return f"{bad} of {ended} requests failed or were dropped within {LAST_SECONDS:g} s"
    if any(one.may_be_slow for one in plan.stages):
        return ""
    # Little's law: who waits, over who comes in a second, is how long they wait.
    per_second = (last.sent - before.sent) / (last.elapsed_seconds - before.elapsed_seconds)
    waiting = min(last.in_flight, before.in_flight)
    limit_seconds = SLOW_TIMES * slo.p99_ms / MS_IN_SECOND
    if ended >= FEWEST and waiting > limit_seconds * per_second:
        return f"requests take {waiting / per_second:.1f} s on average, for {LAST_SECONDS:g} s now"
    return ""
