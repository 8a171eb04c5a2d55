"""What was acknowledged has its job done, kept or in line: nothing is lost in between.

Nodes count what they have accepted, the queue counts its jobs. Both are read within a moment of
each other, so that a difference of a few is no proof; a larger one is.
"""

from collections.abc import Iterator, Sequence

from golive.api import (
    Capability,
    Figures,
    Gate,
    Ruling,
    Slo,
    critical,
    figures,
    idle,
    inconclusive,
    increase,
    latest,
    nothing_before,
    pairs,
    passed,
    scenario,
)

MOMENT = 5.0
SHARE = 0.01
"""Of what was accepted, so much more may be missing: it came while the figures were read."""
OF_QUEUE = ("done", "failed", "open")


def nothing_is_lost(seen: Sequence[Figures], _slo: Slo) -> Ruling:
    """Since the look before, no more was accepted than was done, kept as failed, or is in line."""
    silent = [one for one in latest(seen) if one.error or one.get("accepted") is None]
    if silent:
        reason = silent[0].error or f"{silent[0].place} does not say"
        return inconclusive(f"{silent[0].place}: {reason}")
    if no_look := nothing_before(seen):
        return no_look
    both = [(old, new) for old, new in pairs(seen) if old.get("accepted") is not None]
    accepted = sum(
        increase(
            (old.get("accepted") or 0.0,),
            (new.get("accepted") or 0.0,),
            is_same_process=old.born == new.born,
        ).counts[0]
        for old, new in both
    )
    if not accepted:
        return idle("no notification was accepted since the look before")
    # All nodes tell of the same queue: of the one that was read last, least is missing.
    old, new = both[-1]
    known = sum((new.get(name) or 0.0) - (old.get(name) or 0.0) for name in OF_QUEUE)
    missing = accepted - known
    told = {"accepted": accepted, "accounted_for": known, "missing": max(0.0, missing)}
    if missing > MOMENT + SHARE * accepted:
        return critical(
            f"{missing:g} of {accepted:g} accepted notifications are nowhere: neither done, nor "
            "failed, nor in line",
            **told,
        )
    return passed(f"all of {accepted:g} accepted notifications are accounted for", **told)


@scenario(
    needs=[Capability.METRICS],
    requires=["observe.metrics.accepted", "observe.metrics.jobs_done"],
    evidence=Figures,
    check=nothing_is_lost,
    remediation="Look at the queue's Redis at once: was it emptied, restored, did it evict? What "
    "is lost there the gateway can be asked for.",
)
def losses(gate: Gate) -> Iterator[Figures]:
    """Every notification that was accepted is done, kept as failed, or waits in line."""
    metrics = gate.target.observe.metrics
    if metrics is None:
        return
    queue = {"queue": metrics.accepted_queue}
    kinds = {
        "done": (metrics.jobs_done or "",),
        "failed": (metrics.jobs_failed or "",),
        "open": metrics.jobs_open,
    }
    read = {
        "accepted": lambda node: node.sum(str(metrics.accepted)),
        **{
            kind: lambda node, names=names: sum(
                one.value for name in names for one in node.values(name, **queue)
            )
            for kind, names in kinds.items()
        },
    }
    yield from figures(gate, gate.watch.nodes(), read)
