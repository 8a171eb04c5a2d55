"""Latencies in HDR histograms: three significant digits from a microsecond to a minute and more."""

from hdrh.histogram import HdrHistogram

LONGEST_US = 120_000_000
DIGITS = 3
COUNTER_BYTES = 4
US_IN_MS = 1_000
US_IN_SECOND = 1_000_000


def empty() -> HdrHistogram:
    """A histogram without values; all have the same buckets, so that adding them loses nothing."""
    return HdrHistogram(1, LONGEST_US, DIGITS, word_size=COUNTER_BYTES)


def record(histogram: HdrHistogram, seconds: float) -> None:
    """Count one value; what is too long counts as the longest."""
    histogram.record_value(min(LONGEST_US, max(1, round(seconds * US_IN_SECOND))))


def encoded(histogram: HdrHistogram) -> str:
    """The histogram in the format that all HDR implementations read, as base64."""
    text: bytes = histogram.encode()
    return text.decode()


def added(texts: list[str]) -> HdrHistogram:
    """One histogram of several encoded ones."""
    total = empty()
    for text in texts:
        total.decode_and_add(text.encode())
    return total


def at_percentile(histogram: HdrHistogram, part: float) -> float:
    """The value in milliseconds below which a part of all is, in percent; 0 where there is none."""
    value_us: int = histogram.get_value_at_percentile(part)
    return round(value_us / US_IN_MS, 3)


def at_rank(histogram: HdrHistogram, rank: int) -> float:
    """The value in milliseconds of the rank-th smallest, from 1; beyond the last, the largest."""
    total = max(1, histogram.get_total_count())
    return at_percentile(histogram, min(100.0, 100.0 * rank / total))
