"""Which notifications a drill sends, and when."""

from collections.abc import Iterator
from dataclasses import replace
from random import Random

from golive.model.drill import Planned, Workload
from golive.model.notification import Notification
from golive.model.ports import Gate

FIRST = "approved"
NONSENSE = ("no_such_status", "a" * 300, "approved\u202e", "NaN", "'; --")


def planned_deliveries(gate: Gate, workload: Workload, chance: Random) -> list[Planned]:
    """The notifications of a workload by the time at which they are due.

    What is random is drawn from `chance`, so that the same seed gives the same plan, but for the
    ids of payments, which no other run may know.
    """
    planned = []
    for number in range(workload.notifications):
        due = number / workload.per_second
        planned += _payment(gate, workload, chance, due)
        planned += _dishonest(gate, workload, chance, due)
    return sorted(planned, key=lambda one: one.due_seconds)


def once_more(planned: list[Planned]) -> list[Planned]:
    """The honest notifications of a plan, each once and plainly."""
    return [
        replace(one, copies=1, again=False, contradicted=False)
        for one in planned
        if one.kind == "sale"
    ]


def steady_deliveries(gate: Gate, workload: Workload) -> list[Planned]:
    """A few honest notifications, to see whether the target is well."""
    return [
        Planned(number / workload.per_second, FIRST, "sale", gate.webhook.sample(status=FIRST))
        for number in range(workload.notifications)
    ]


def _payment(gate: Gate, workload: Workload, chance: Random, due: float) -> list[Planned]:
    """All that is told about one payment, in an order drawn by lot where it is several things."""
    first = gate.webhook.sample(status=FIRST)
    told = [first, *(_follower(first, word) for word in workload.followed_by)]
    chance.shuffle(told)
    return [
        Planned(
            due + place / workload.per_second,
            "/".join(filter(None, (notification.event, notification.status))),
            "sale",
            notification,
            copies=workload.at_once,
            again=chance.random() < workload.repeated,
            contradicted=chance.random() < workload.conflicting,
        )
        for place, notification in enumerate(told)
    ]


def _follower(first: Notification, word: str) -> Notification:
    event, _, status = word.rpartition("/")
    return replace(first, event=event, status=status)


def _dishonest(gate: Gate, workload: Workload, chance: Random, due: float) -> Iterator[Planned]:
    if chance.random() < workload.forged:
        yield Planned(due, FIRST, "forged", gate.webhook.sample(status=FIRST))
    if chance.random() < workload.poison:
        status = chance.choice(NONSENSE)
        yield Planned(due, status, "poison", gate.webhook.sample(status=status))
