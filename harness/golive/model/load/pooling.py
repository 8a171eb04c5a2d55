"""Stages that are too short for a percentile of their own are judged together."""

from collections.abc import Iterable

from hdrh.histogram import HdrHistogram

from golive.model.load.records import FELT, Loaded, Measured
from golive.model.load.statistics import ranks_around

US_IN_MS = 1_000
LONGEST_US = 120_000_000


def pooled_ms(
    loaded: Loaded, stages: Iterable[Measured], part: float
) -> tuple[int, float, float] | None:
    """Of all requests of these stages: how many, a percentile as it was felt, and its upper bound,
    in milliseconds; None where they are too few to bound it.
    """
    names = {one.stage for one in stages}
    total = HdrHistogram(1, LONGEST_US, 3, word_size=4)
    for stage, what, text in loaded.histograms:
        if stage in names and what == FELT:
            total.decode_and_add(str(text).encode())
    count = total.get_total_count()
    rank = ranks_around(count, part)[1] if count else 1
    if rank > count:
        return None
    value, high = (
        float(total.get_value_at_percentile(share)) / US_IN_MS
        for share in (100 * part, 100 * rank / count)
    )
    return count, value, high
