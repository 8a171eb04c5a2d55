"""How long the oldest job of the queue has waited at most, by looks that are a second apart."""

from math import inf

from golive.model.load.records import Loaded, Measured, number


def oldest_job(loaded: Loaded, stage: Measured) -> tuple[float, float]:
    """What was seen of the oldest job's age while a stage lasted, and what it cannot have exceeded,
    in seconds; infinite where that is not known.

    Between two looks a job grows older by no more than the time between them, and what waits in a
    queue that was seen empty came after that look. Both hold where a queue tells no times, or by a
    clock that goes wrong.
    """
    told = {row[0]: number(row[1]) for row in loaded.queue_ages}
    begin, end = stage.began_seconds, stage.began_seconds + stage.seconds
    seen, most, before, bound = 0.0, 0.0, 0.0, inf
    for row in loaded.queue:
        at, waits = number(row[0]), number(row[1]) > 0
        grown = bound + at - before
        age = min(told.get(row[0], 0.0), grown) if waits else 0.0
        bound = 0.0 if not waits else age if row[0] in told else grown
        # Nobody looked before the first look.
        highest = bound if grown == inf else max(bound, grown)
        if at >= begin and before <= end:
            seen = max(seen, age if at <= end else 0.0)
            most = max(most, highest)
        before = at
    return seen, most if loaded.queue else inf
