"""Reads the HDR histograms that a load has left."""

from collections.abc import Iterator
from math import log10

from golive.model.load.histogram import US_IN_MS, added

BINS_IN_DECADE = 16
BINS_BELOW = 64
"""Bins are numbered from a ten-thousandth of a millisecond on: none has a negative number."""


class Latencies:
    """One histogram."""

    def __init__(self, text: str) -> None:
        self._histogram = added([text])

    def percentile_ms(self, part: float) -> float:
        """The value in milliseconds below which a part of all is, in percent."""
        return float(self._histogram.get_value_at_percentile(part)) / US_IN_MS

    def bins(self) -> list[tuple[float, float, int]]:
        """From, to, in milliseconds, and how many; all are equally wide on a logarithmic scale."""
        counts: dict[int, int] = {}
        for value_ms, count in self._values():
            number = int(log10(value_ms) * BINS_IN_DECADE + BINS_BELOW)
            counts[number] = counts.get(number, 0) + count
        if not counts:
            return []
        return [
            (_edge(number), _edge(number + 1), counts.get(number, 0))
            for number in range(min(counts), max(counts) + 1)
        ]

    def _values(self) -> Iterator[tuple[float, int]]:
        for item in self._histogram.get_recorded_iterator():
            value_ms = max(1.0, float(item.value_iterated_to)) / US_IN_MS
            yield value_ms, int(item.count_added_in_this_iter_step)


def _edge(number: int) -> float:
    return float(10.0 ** ((number - BINS_BELOW) / BINS_IN_DECADE))
