"""What one generating process counts and measures, and how it tells it: a beat each second."""

import heapq
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from hdrh.histogram import HdrHistogram

from golive.model.load import histogram
from golive.model.load.records import SLOWEST
from golive.model.load.traffic import Arrival

LATE_SECONDS = 0.005
SPARE_SECONDS = 1.0
MS_IN_SECOND = 1_000
ID_LENGTH = 80


@dataclass(frozen=True)
class Reading:
    """An answer in words, or why there is none; whether it is as it should be, and whether it
    acknowledges the notification. `request_id` is the target's own name of the request.
    """

    answer: str
    answered: bool = True
    good: bool = False
    acknowledged: bool = False
    request_id: str = ""


@dataclass
class StageTally:
    """One stage so far. `felt` runs from the moment at which a request was due, `taken` from when
    it was sent; between the two is how late it was.
    """

    counts: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    felt: HdrHistogram = field(default_factory=histogram.empty)
    taken: HdrHistogram = field(default_factory=histogram.empty)
    lateness: HdrHistogram = field(default_factory=histogram.empty)
    changed: bool = False

    def told(self) -> dict[str, Any]:
        """Everything so far, so that only the last telling counts."""
        self.changed = False
        return {
            "counts": dict(self.counts),
            "answers": dict(self.answers),
            "felt": histogram.encoded(self.felt),
            "taken": histogram.encoded(self.taken),
            "lateness": histogram.encoded(self.lateness),
        }


@dataclass
class SecondTally:
    """The requests that were due within one second."""

    counts: Counter[str] = field(default_factory=Counter)
    felt: HdrHistogram = field(default_factory=histogram.empty)


class Tally:
    """The counts of one process. A second is told once, when nothing of it can come any more."""

    def __init__(self, timeout_seconds: float) -> None:
        self._timeout_seconds = timeout_seconds
        self._stages: dict[int, StageTally] = defaultdict(StageTally)
        self._seconds: dict[int, SecondTally] = defaultdict(SecondTally)
        self._acknowledged: list[int] = []
        self._slowest: list[tuple[Any, ...]] = []

    def scheduled(self, arrival: Arrival, *, sent: bool) -> None:
        """It was due; where too many others were under way, it was dropped."""
        self._count(arrival, "scheduled", "sent" if sent else "dropped")

    def answered(
        self, arrival: Arrival, reading: Reading, *, late_seconds: float, taken_seconds: float
    ) -> None:
        """It was answered, or failed otherwise."""
        stage = self._stages[arrival.stage]
        stage.answers[f"{arrival.kind}: {reading.answer}"] += 1
        felt_seconds = late_seconds + taken_seconds
        self._remember(arrival, reading, felt_seconds, taken_seconds)
        histogram.record(stage.felt, felt_seconds)
        histogram.record(stage.taken, taken_seconds)
        histogram.record(stage.lateness, late_seconds)
        histogram.record(self._seconds[int(arrival.due_seconds)].felt, felt_seconds)
        self._count(arrival, "answered")
        if late_seconds > LATE_SECONDS:
            self._count(arrival, "late")
        if not reading.good:
            self._count(arrival, "failed", *(() if reading.answered else ("unanswered",)))
        if reading.acknowledged:
            self._acknowledged.append(arrival.number)

    def beat(self, elapsed_seconds: float, *, last: bool = False) -> dict[str, Any]:
        """What changed since the last beat."""
        stages = {str(number): one.told() for number, one in self._stages.items() if one.changed}
        settled = elapsed_seconds - self._timeout_seconds - SPARE_SECONDS
        over = [second for second in self._seconds if last or second + 1 < settled]
        acknowledged, self._acknowledged = self._acknowledged, []
        return {
            "elapsed": round(elapsed_seconds, 3),
            "last": last,
            "stages": stages,
            "seconds": {str(second): self._told(second) for second in over},
            "acknowledged": acknowledged,
            "slowest": self._slowest,
        }

    def _remember(
        self, arrival: Arrival, reading: Reading, felt_seconds: float, taken_seconds: float
    ) -> None:
        """Keep the slowest ones: those of all processes are among the slowest of each."""
        slow = (
            round(felt_seconds * MS_IN_SECOND, 3),
            arrival.number,
            arrival.stage,
            arrival.kind.value,
            round(arrival.due_seconds, 3),
            round(taken_seconds * MS_IN_SECOND, 3),
            reading.answer,
            reading.request_id[:ID_LENGTH],
        )
        put = heapq.heappush if len(self._slowest) < SLOWEST else heapq.heappushpop
        put(self._slowest, slow)

    def _told(self, second: int) -> dict[str, Any]:
        one = self._seconds.pop(second)
        return {"counts": dict(one.counts), "felt": histogram.encoded(one.felt)}

    def _count(self, arrival: Arrival, *names: str) -> None:
        stage = self._stages[arrival.stage]
        stage.changed = True
        second = self._seconds[int(arrival.due_seconds)]
        # Thousands of times a second: Counter.update takes four times as long.
        for name in names:
            stage.counts[name] += 1
            second.counts[name] += 1
