"""Puts together what the generating processes tell: counters are added, histograms merged."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from hdrh.histogram import HdrHistogram

from golive.model.load import histogram
from golive.model.load.records import (
    ALL,
    FELT,
    SLOWEST,
    TAKEN,
    Beat,
    Measured,
    Result,
    Second,
    Slow,
)
from golive.model.load.shape import Stage, largest_rate, seconds_of
from golive.model.load.statistics import ranks_around

TIMED = (FELT, TAKEN, "lateness")
P95, P99 = 0.95, 0.99


class Totals:
    """Everything told so far. A stage is told as a whole each time, so that the last telling of
    each process counts; a second is told once.
    """

    def __init__(self, stages: tuple[Stage, ...]) -> None:
        self._stages = stages
        self._told: dict[int, dict[str, Mapping[str, Any]]] = defaultdict(dict)
        self._second_counts: dict[int, Counter[str]] = defaultdict(Counter)
        self._second_felt: dict[int, HdrHistogram] = defaultdict(histogram.empty)
        self._acknowledged: list[int] = []
        self._slowest: dict[str, list[list[Any]]] = {}
        self._in_flight: dict[str, int] = {}
        self._last: set[str] = set()
        self._cpu_percent = 0.0

    def add(self, beat: Mapping[str, Any]) -> Beat:
        """Take a beat in; gives the totals after it."""
        worker = beat["worker"]
        for number, told in beat["stages"].items():
            self._told[int(number)][worker] = told
        for second, told in beat["seconds"].items():
            self._second_counts[int(second)].update(told["counts"])
            self._second_felt[int(second)].decode_and_add(told["felt"].encode())
        self._acknowledged += beat["acknowledged"]
        self._slowest[worker] = beat["slowest"]
        self._in_flight[worker] = beat["in_flight"]
        self._cpu_percent = max(self._cpu_percent, beat["cpu_percent"])
        if beat["last"]:
            self._last.add(worker)
        return self._beat(beat["elapsed"])

    def missing(self, workers: int) -> str:
        """Which processes have not told their last beat (empty = all have)."""
        there = len(self._last)
        return "" if there >= workers else f"only {there} of {workers} processes told everything"

    def result(self, workers: int, problem: str = "") -> Result:
        """What was measured."""
        merged = {number: self._merged(number) for number in sorted(self._told)}
        everything = {name: histogram.empty() for name in TIMED}
        for parts in merged.values():
            for name in TIMED:
                everything[name].add(parts[name])
        rows = [*((self._name(number), parts) for number, parts in merged.items())]
        return Result(
            stages=(
                *(self._measured(number, parts) for number, parts in merged.items()),
                *([self._all(everything)] if merged else []),
            ),
            seconds=tuple(self._second(number) for number in sorted(self._second_counts)),
            histograms=tuple(
                (name, timed, histogram.encoded(parts[timed]))
                for name, parts in (*rows, (ALL, everything))
                for timed in TIMED
            ),
            answers=tuple(self._answers()),
            acknowledged=tuple(sorted(self._acknowledged)),
            workers=workers,
            cpu_percent=round(self._cpu_percent, 1),
            problem=problem,
            slowest=tuple(self._slow()),
        )

    def _beat(self, elapsed: float) -> Beat:
        counts = self._counted(*self._told)
        return Beat(
            elapsed_seconds=elapsed,
            sent=counts["sent"],
            answered=counts["answered"],
            failed=counts["failed"],
            dropped=counts["dropped"],
            late=counts["late"],
            in_flight=sum(self._in_flight.values()),
        )

    def _counted(self, *numbers: int) -> Counter[str]:
        total: Counter[str] = Counter()
        for number in numbers:
            for told in self._told[number].values():
                total.update(told["counts"])
                total["faulty"] += _faulty(told)
        return total

    def _merged(self, number: int) -> dict[str, HdrHistogram]:
        told = self._told[number].values()
        return {name: histogram.added([one[name] for one in told]) for name in TIMED}

    def _name(self, number: int) -> str:
        return f"{number + 1} {self._stages[number].name}"

    def _measured(self, number: int, parts: Mapping[str, HdrHistogram]) -> Measured:
        began = seconds_of(self._stages[:number])
        stage = self._stages[number]
        return _row(self._name(number), began, stage, self._counted(number), parts)

    def _all(self, parts: Mapping[str, HdrHistogram]) -> Measured:
        highest = largest_rate(self._stages)
        stage = Stage(ALL, seconds_of(self._stages), highest, highest)
        return _row(ALL, 0.0, stage, self._counted(*self._told), parts)

    def _slow(self) -> Iterator[Slow]:
        """The slowest requests of all processes, the slowest first."""
        told = (row for rows in self._slowest.values() for row in rows)
        for felt_ms, number, stage, *rest in sorted(told, reverse=True)[:SLOWEST]:
            yield Slow(felt_ms, number, self._name(stage), *rest)

    def _second(self, number: int) -> Second:
        counts, felt = self._second_counts[number], self._second_felt[number]
        return Second(
            second=number,
            **{name: counts[name] for name in ("scheduled", "sent", "dropped", "failed")},
            felt_p50_ms=histogram.at_percentile(felt, 50),
            felt_p95_ms=histogram.at_percentile(felt, 95),
            felt_p99_ms=histogram.at_percentile(felt, 99),
            felt_max_ms=histogram.at_percentile(felt, 100),
            histogram=histogram.encoded(felt),
            late=counts["late"],
        )

    def _answers(self) -> Iterator[tuple[str, str, int]]:
        for number in sorted(self._told):
            answers: Counter[str] = Counter()
            for told in self._told[number].values():
                answers.update(told["answers"])
            for answer, count in answers.most_common():
                yield self._name(number), answer, count


def _faulty(told: Mapping[str, Any]) -> int:
    """How many failed requests had an answer, if a wrong one."""
    counts = told["counts"]
    return int(counts.get("failed", 0) - counts.get("unanswered", 0))


def _row(
    name: str, began: float, stage: Stage, counts: Counter[str], parts: Mapping[str, HdrHistogram]
) -> Measured:
    felt, taken = parts["felt"], parts["taken"]
    low95, high95 = ranks_around(felt.get_total_count(), P95)
    low99, high99 = ranks_around(felt.get_total_count(), P99)
    return Measured(
        stage=name,
        began_seconds=began,
        seconds=stage.seconds,
        to_per_second=stage.to_per_second,
        may_be_slow=stage.may_be_slow,
        **{name: counts[name] for name in ("scheduled", "sent", "dropped", "late", "answered")},
        failed=counts["failed"],
        faulty=counts["faulty"],
        felt_p50_ms=histogram.at_percentile(felt, 50),
        felt_p95_ms=histogram.at_percentile(felt, 95),
        felt_p95_low_ms=histogram.at_rank(felt, low95),
        felt_p95_high_ms=histogram.at_rank(felt, high95),
        felt_p99_ms=histogram.at_percentile(felt, 99),
        felt_p99_low_ms=histogram.at_rank(felt, low99),
        felt_p99_high_ms=histogram.at_rank(felt, high99),
        felt_max_ms=histogram.at_percentile(felt, 100),
        taken_p95_ms=histogram.at_percentile(taken, 95),
        taken_p95_low_ms=histogram.at_rank(taken, low95),
        taken_p99_ms=histogram.at_percentile(taken, 99),
        taken_p99_low_ms=histogram.at_rank(taken, low99),
        late_p99_ms=histogram.at_percentile(parts["lateness"], 99),
    )
