"""THR-602, test 5: a signed notification is answered with its echo, fast."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

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

DELIVERIES = 20


@dataclass(frozen=True)
class Delivery:
    """One delivery, and the health check right after it as the machine's own measure."""

    unique_id: str
    status: int
    mismatch: str
    echo_expected: bool
    milliseconds: float
    health_milliseconds: float


def accepted_in_time(seen: Sequence[Delivery], slo: Slo) -> Ruling:
    """Every answer is the expected one and the median is below the threshold.

    The median of a few deliveries says whether the service is fast at all; percentiles need load.
    """
    wrong = [delivery for delivery in seen if delivery.mismatch]
    if wrong:
        return failed(
            f"{len(wrong)} of {len(seen)} notifications: {wrong[0].mismatch}", refused=len(wrong)
        )
    middle = median(delivery.milliseconds for delivery in seen)
    machine = median(delivery.health_milliseconds for delivery in seen)
    measured = {
        "median_ms": round(middle, 1),
        "slowest_ms": max(delivery.milliseconds for delivery in seen),
        "health_median_ms": round(machine, 1),
        "deliveries": len(seen),
    }
    if middle < slo.p95_ms:
        did = "echoed" if seen[-1].echo_expected else "answered (the target file names no echo)"
        return passed(f"{did} in {middle:.1f} ms (median of {len(seen)})", **measured)
    if machine >= slo.p95_ms:
        return inconclusive(
            f"the machine is too slow: its health check takes {machine:.0f} ms", **measured
        )
    return failed(f"the median is {middle:.0f} ms, not below {slo.p95_ms:g} ms", **measured)


@scenario(
    needs=[Capability.WEBHOOK],
    evidence=Delivery,
    check=accepted_in_time,
    remediation="Compare the webhook password and the signature's hash on both sides; a slow "
    "answer means work before the answer that belongs into the job.",
)
def webhook(gate: Gate) -> Iterator[Delivery]:
    """A signed notification gets the answer it must get, within the latency objective."""
    section = gate.target.webhook
    if section is None:
        return
    for _ in range(DELIVERIES):
        notification = gate.webhook.sample()
        reply = gate.webhook.send(notification)
        beside = gate.http.request("GET", gate.url(gate.target.target.health))
        yield Delivery(
            unique_id=notification.unique_id,
            status=reply.status,
            mismatch=mismatch(section.new, reply, unique_id=notification.unique_id),
            echo_expected=bool(section.new.body),
            milliseconds=reply.milliseconds,
            health_milliseconds=beside.milliseconds,
        )
