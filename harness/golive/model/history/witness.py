"""The shortest story that shows an anomaly: what happened to that one, in order, and the faults."""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from golive.model.history.anomalies import Anomaly
from golive.model.history.records import History, Strike

LONGEST = 10


class Line(NamedTuple):
    """What happened; `decides`: without it there would be nothing to tell."""

    at_seconds: float
    text: str
    decides: bool = False

    def __str__(self) -> str:
        return f"{self.at_seconds:8.3f} s  {self.text}"


def witness(history: History, anomaly: Anomaly) -> str:
    """One line for each event about the payment or file, by time in seconds from the start."""
    own = _own_lines(history, anomaly.about)
    spans = tuple(_spans(history, anomaly.about))
    strikes = [
        line
        for strike in history.strikes
        if any(strike.start_seconds <= end and strike.end_seconds >= begin for begin, end in spans)
        for line in _strike_lines(strike)
    ]
    lines = _shortened(sorted([*own, *strikes]))
    return "\n".join([f"{anomaly.about}: {anomaly.kind}, {anomaly.sentence}", *lines])


def _shortened(lines: list[Line]) -> Iterator[str]:
    """What decides, then how it began and how it ended; what is left out is counted."""
    last = len(lines) - 1
    telling = sorted(
        range(len(lines)), key=lambda place: (not lines[place].decides, min(place, last - place))
    )
    kept = sorted(telling[:LONGEST])
    for before, place in pairwise([-1, *kept, last + 1]):
        if left_out := place - before - 1:
            yield f"           … {left_out} more …"
        if place <= last:
            yield str(lines[place])


def _own_lines(history: History, about: str) -> Iterator[Line]:
    for one in history.by_payment.get(about, ()):
        name = f"delivery {one.attempt} of {one.what} ({one.kind})"
        yield Line(one.invoked_seconds, f"{name} sent")
        answered = f"{name}: {one.answer} [{one.phase}]"
        yield Line(one.completed_seconds, answered, decides=one.acknowledged)
    for effect in history.effects_of.get(about, ()):
        told = f"effect; state {effect.state or 'none'}"
        yield Line(effect.applied_seconds, told, decides=True)
    for file in history.files:
        if file.name == about:
            yield Line(file.sent_seconds, "file sent")
            answered = f"answered: {file.answer} {file.upload_id}".rstrip()
            yield Line(file.answered_seconds, answered, decides=True)


def _spans(history: History, about: str) -> Iterator[tuple[float, float]]:
    """When the payment or file was under way: only faults of those times can have met it."""
    deliveries = history.by_payment.get(about, ())
    for one in deliveries:
        yield one.invoked_seconds, one.completed_seconds
    for effect in history.effects_of.get(about, ()):
        before = [one.completed_seconds for one in deliveries]
        yield min([*before, effect.applied_seconds]), effect.applied_seconds
    for file in history.files:
        if file.name == about:
            yield file.sent_seconds, file.answered_seconds


def _strike_lines(strike: Strike) -> Iterator[Line]:
    yield Line(strike.start_seconds, f"fault begins: {strike.fault} on {strike.on}")
    yield Line(strike.end_seconds, f"fault healed: {strike.fault} on {strike.on}")
