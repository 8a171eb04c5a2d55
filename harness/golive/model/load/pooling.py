"""Stages that are too short for a percentile of their own are judged together."""

from collections.abc import Iterable

from golive.model.load.histogram import added, at_percentile, at_rank
from golive.model.load.records import FELT, Loaded, Measured
from golive.model.load.statistics import ranks_around


def pooled_ms(
    loaded: Loaded, stages: Iterable[Measured], part: float
) -> tuple[int, float, float] | None:
    """Of all requests of these stages: how many, a percentile as it was felt, and its upper bound,
    in milliseconds; None where they are too few to bound it.
    """
    names = {one.stage for one in stages}
    felt = (row for row in loaded.histograms if row[0] in names and row[1] == FELT)
    total = added([str(text) for _, _, text in felt])
    count = total.get_total_count()
    rank = ranks_around(count, part)[1] if count else 1
    if rank > count:
        return None
    return count, at_percentile(total, 100 * part), at_rank(total, rank)
