"""A short queue that nobody serves is no better than a long one."""

from collections.abc import Iterator, Sequence

from golive.api import (
    Capability,
    Figures,
    Gate,
    Ruling,
    Slo,
    failed,
    figures,
    inconclusive,
    passed,
    scenario,
)


def is_served(seen: Sequence[Figures], slo: Slo) -> Ruling:
    """The first in line of no queue has waited longer than its objective."""
    last = [one for one in seen if one.at_seconds == seen[-1].at_seconds]
    # All nodes tell of the same queues; one of them is enough.
    told = [age for one in last if (age := one.get("oldest_seconds")) is not None]
    if not told:
        return inconclusive("; ".join(one.error or f"{one.place} does not say" for one in last))
    measured = {"oldest_seconds": max(told), "objective_seconds": slo.queue_age_seconds}
    if max(told) > slo.queue_age_seconds:
        limit = slo.queue_age_seconds
        return failed(f"the first in line has waited {max(told):.0f} s, over {limit:g}", **measured)
    return passed(f"nobody in line has waited over {max(told):.1f} s", **measured)


@scenario(
    needs=[Capability.METRICS],
    requires=["observe.metrics.queue_oldest"],
    evidence=Figures,
    check=is_served,
    remediation="Look whether the workers run, are paused, or are too few.",
)
def queue_age(gate: Gate) -> Iterator[Figures]:
    """The first in line of every queue is served in time."""
    metrics = gate.target.observe.metrics
    name = (metrics.queue_oldest if metrics else None) or ""
    read = {
        "oldest_seconds": lambda node: max((one.value for one in node.values(name)), default=None)
    }
    yield from figures(gate, gate.watch.nodes(), read)
