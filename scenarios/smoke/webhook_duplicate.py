"""THR-602, test 6: a second delivery is recognised as a duplicate."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from golive.api import (
    Capability,
    Gate,
    Ruling,
    Slo,
    failed,
    inconclusive,
    mismatch,
    passed,
    scenario,
)

DELIVERIES = 3
EFFECT_SECONDS = 15.0


@dataclass(frozen=True)
class Delivery:
    """One delivery of the same notification; `effects` is counted after the last one."""

    unique_id: str
    attempt: int
    status: int
    mismatch: str
    distinguishable: bool
    effects: int | None


def the_second_is_recognised(seen: Sequence[Delivery], _slo: Slo) -> Ruling:
    """The later answers are those of a duplicate, and the effect was applied once."""
    for delivery in seen:
        if delivery.mismatch:
            return failed(
                f"delivery {delivery.attempt} of the same notification {delivery.mismatch}"
            )
    effects = seen[-1].effects
    if effects is not None and effects != 1:
        return failed(f"{len(seen)} deliveries had {effects} effects, not one", effects=effects)
    if effects is None and not seen[-1].distinguishable:
        return inconclusive("the answers of a new and of a duplicate notification look the same")
    told = f"deliveries 2 to {len(seen)} were answered as duplicates"
    if effects is None:
        return passed(told)
    return passed(f"{told}, all {len(seen)} had one effect", effects=effects)


@scenario(
    needs=[Capability.WEBHOOK],
    evidence=Delivery,
    check=the_second_is_recognised,
    remediation="Keep the idempotency key in the Redis that all nodes share, and claim it together "
    "with enqueueing in one atomic step.",
)
def webhook_duplicate(gate: Gate) -> Iterator[Delivery]:
    """A notification that is delivered again is recognised and has no second effect."""
    section = gate.target.webhook
    if section is None:
        return
    notification = gate.webhook.sample()
    unique_id = notification.unique_id
    for attempt in range(1, DELIVERIES + 1):
        reply = gate.webhook.send(notification)
        expected = section.new if attempt == 1 else section.duplicate
        effects = None
        if attempt == DELIVERIES and gate.target.has("observe.sql.effects"):
            effects = gate.until(
                lambda: gate.sql.effects(unique_id),
                lambda count: count > 0,
                within_seconds=EFFECT_SECONDS,
            )
        yield Delivery(
            unique_id=unique_id,
            attempt=attempt,
            status=reply.status,
            mismatch=mismatch(expected, reply, unique_id=unique_id),
            distinguishable=section.new != section.duplicate,
            effects=effects,
        )
