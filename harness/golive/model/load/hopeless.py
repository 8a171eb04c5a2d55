"""When it makes no sense to go on with a load."""

from collections.abc import Sequence

from golive.model.load.records import Beat

LAST_SECONDS = 5.0
FEWEST = 50
FAILED_SHARE = 0.5


def hopeless(beats: Sequence[Beat]) -> str:
    """Why a load is to be stopped before its time (empty = it goes on)."""
    if not beats:
        return ""
    last = beats[-1]
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
    return ""
