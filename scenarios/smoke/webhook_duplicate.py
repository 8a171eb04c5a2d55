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
SECOND_EFFECT_SECONDS = 1.0
"""How far the job of a duplicate may be behind the first one's."""


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
        counted = attempt == DELIVERIES and gate.target.has("observe.sql.effects")
        yield Delivery(
            unique_id=unique_id,
            attempt=attempt,
            status=reply.status,
            mismatch=mismatch(expected, reply, unique_id=unique_id),
            distinguishable=section.new != section.duplicate,
            effects=_effects(gate, unique_id) if counted else None,
        )


def _effects(gate: Gate, unique_id: str) -> int:
    """The effects of a notification, once there was time for a second one."""

    def count() -> int:
        return gate.sql.effects(unique_id)

    gate.until(count, lambda effects: effects > 0, within_seconds=EFFECT_SECONDS)
    return gate.until(count, lambda effects: effects > 1, within_seconds=SECOND_EFFECT_SECONDS)
