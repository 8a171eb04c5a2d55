"""What is wrong with a history: lost, duplicated, unexpected, corrupted, in a wrong state.

The words are those of Jepsen's checkers for queues and sets: an acknowledged element that is not
there afterwards is lost, one that is there more often than it was put in is duplicated, one that
nobody put in is unexpected.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from golive.model.history.records import (
    HONEST,
    REFUSABLE,
    Delivery,
    Effect,
    History,
    SentFile,
)


@dataclass(frozen=True)
class Anomaly:
    """One thing wrong, about one payment or file."""

    kind: str
    about: str
    sentence: str


def anomalies(history: History) -> tuple[Anomaly, ...]:
    """Everything that is wrong, the worst first."""
    return (
        *_of_payments(history),
        *_states(history),
        *anomalies_of_files(history.files),
    )


def anomalies_of_files(files: Sequence[SentFile]) -> tuple[Anomaly, ...]:
    """What is wrong with files that were accepted."""
    return tuple(anomaly for file in files for anomaly in _of_file(file))


def _of_payments(history: History) -> Iterator[Anomaly]:
    found = [
        anomaly
        for unique_id, deliveries in history.by_payment.items()
        for anomaly in _of_payment(unique_id, deliveries, history.effects_of.get(unique_id, ()))
    ]
    order = ("lost", "duplicated", "unexpected", "accepted", "unacknowledged")
    yield from sorted(found, key=lambda anomaly: order.index(anomaly.kind))


def _of_payment(
    unique_id: str, deliveries: Sequence[Delivery], effects: Sequence[Effect]
) -> Iterator[Anomaly]:
    honest = [one for one in deliveries if one.kind in HONEST]
    # What was answered is owed; what was only sent may have had its effect.
    owed = {one.what for one in honest if one.owed}
    sent = {one.what for one in honest}
    if len(effects) < len(owed):
        yield Anomaly(
            "lost",
            unique_id,
            f"{_these(len(owed), 'notification')} acknowledged, {_effects(len(effects))}",
        )
    elif len(effects) > len(sent):
        kind = "duplicated" if sent else "unexpected"
        why = _these(len(sent), "notification") + " sent" if sent else "only forged ones were sent"
        yield Anomaly(kind, unique_id, f"{why}, {_effects(len(effects))}")
    for delivery in deliveries:
        if delivery.kind in REFUSABLE and delivery.acknowledged:
            yield Anomaly("accepted", unique_id, f"a {delivery.kind} notification was acknowledged")
            break
    if missing := {one.what for one in honest if one.kind == "sale"} - owed:
        yield Anomaly(
            "unacknowledged",
            unique_id,
            f"{_these(len(missing), 'notification')} never acknowledged, "
            f"after {len(honest)} deliveries",
        )


def _states(history: History) -> Iterator[Anomaly]:
    """Payments that were told the same must be in the same state, whatever the order was."""
    groups: dict[tuple[str, ...], dict[str, str]] = defaultdict(dict)
    for unique_id, deliveries in history.by_payment.items():
        effects = history.effects_of.get(unique_id, ())
        told = sorted({one.what for one in deliveries if one.owed})
        # What had no echo may have had its effect, and then this payment was told more than others.
        if {one.what for one in deliveries if one.kind == "sale"}.difference(told):
            continue
        if told and len(effects) >= len(told):
            groups[tuple(told)][unique_id] = effects[-1].state
    for group, states in groups.items():
        usual, _ = Counter(states.values()).most_common(1)[0]
        for unique_id, state in states.items():
            if state != usual:
                yield Anomaly(
                    "wrong_state",
                    unique_id,
                    f"it is {state or 'in no state'!r} after {', '.join(group)}, "
                    f"where others are {usual or 'in none'!r}",
                )


def _of_file(file: SentFile) -> Iterator[Anomaly]:
    if not file.upload_id:
        return
    if not file.done:
        yield Anomaly("lost", file.name, f"accepted as {file.upload_id}, ended {file.status!r}")
        return
    if file.stored_sha256 and file.stored_sha256 != file.sha256:
        yield Anomaly("corrupted", file.name, f"{file.status}, but the stored bytes are others")
    if file.stored_rows not in (-1, file.rows):
        yield Anomaly(
            "corrupted", file.name, f"{file.status} with {file.stored_rows} of {file.rows} rows"
        )


def _these(count: int, noun: str) -> str:
    return f"1 {noun} was" if count == 1 else f"{count} {noun}s were"


def _effects(count: int) -> str:
    return {0: "no effect", 1: "1 effect"}.get(count, f"{count} effects")
