"""A synthetic notification: forged, so that it leaves no row, no key and no job.

It measures the way through the balancer, the reading of the form and the check of the signature;
not Redis, which a forged notification does not get as far as.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from golive.api import Capability, Gate, Ruling, Slo, critical, failed, passed, scenario

TIMES = 5
REFUSED = 401


@dataclass(frozen=True)
class Forged:
    """How a notification with a wrong signature was answered."""

    at_seconds: float
    place: str
    status: int
    milliseconds: float


def refused_in_time(seen: Sequence[Forged], slo: Slo) -> Ruling:
    """All refused, and the one in the middle within the p95 objective."""
    last = [one for one in seen if one.at_seconds == seen[-1].at_seconds]
    times = sorted(one.milliseconds for one in last)
    told = {"median_ms": median(times), "slowest_ms": times[-1], "objective_ms": slo.p95_ms}
    wrong = sorted({one.status for one in last if one.status != REFUSED})
    if wrong:
        words = ", ".join(map(str, wrong))
        # What is taken with a wrong signature is taken of anybody: that cannot wait.
        is_taken = any(status // 100 == 2 for status in wrong)  # noqa: PLR2004
        return (critical if is_taken else failed)(
            f"a wrong signature was answered {words}, not {REFUSED}", **told
        )
    if median(times) > slo.p95_ms:
        return failed(f"refused in {median(times):.1f} ms, over {slo.p95_ms:g} ms", **told)
    return passed(f"{len(times)} times {REFUSED}, in {median(times):.1f} ms", **told)


@scenario(
    needs=[Capability.WEBHOOK],
    evidence=Forged,
    check=refused_in_time,
    remediation="An open signature check is an emergency; a slow one means an overloaded node.",
)
def webhook_probe(gate: Gate) -> Iterator[Forged]:
    """A notification with a wrong signature is refused with 401, in time."""
    for _ in range(TIMES):
        status, milliseconds = gate.watch.forge()
        yield Forged(gate.watch.at_seconds, "balancer", status, milliseconds)
