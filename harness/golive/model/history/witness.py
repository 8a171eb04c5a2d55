"""The shortest story that shows an anomaly: what happened to that one, in order, and the faults."""

from collections.abc import Iterator

from golive.model.history.anomalies import Anomaly
from golive.model.history.records import History, Strike

HEAD, TAIL = 4, 6
LONGEST = HEAD + 1 + TAIL

Line = tuple[float, str]


def witness(history: History, anomaly: Anomaly) -> str:
    """One line for each event about the payment or file, by time in seconds from the start."""
    own = sorted(_own_lines(history, anomaly.about))
    spans = tuple(_spans(history, anomaly.about))
    strikes = [
        line
        for strike in history.strikes
        if any(strike.start_seconds <= end and strike.end_seconds >= begin for begin, end in spans)
        for line in _strike_lines(strike)
    ]
    lines = [f"{at:8.3f} s  {text}" for at, text in sorted([*own, *strikes])]
    if len(lines) > LONGEST:
        left_out = len(lines) - LONGEST + 1
        # How it began and how it ended tell most.
        lines[HEAD:-TAIL] = [f"           … {left_out} more …"]
    return "\n".join([f"{anomaly.about}: {anomaly.kind}, {anomaly.sentence}", *lines])


def _own_lines(history: History, about: str) -> Iterator[Line]:
    for one in history.by_payment.get(about, ()):
        name = f"delivery {one.attempt} of {one.what} ({one.kind})"
        yield one.invoked_seconds, f"{name} sent"
        yield one.completed_seconds, f"{name}: {one.answer} [{one.phase}]"
    for effect in history.effects_of.get(about, ()):
        yield effect.applied_seconds, f"effect; state {effect.state or 'none'}"
    for file in history.files:
        if file.name == about:
            yield file.sent_seconds, "file sent"
            yield file.answered_seconds, f"answered: {file.answer} {file.upload_id}".rstrip()


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
    yield strike.start_seconds, f"fault begins: {strike.fault} on {strike.on}"
    yield strike.end_seconds, f"fault healed: {strike.fault} on {strike.on}"
