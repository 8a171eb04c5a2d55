"""THR-604: fewer than one job in a hundred fails."""

from collections.abc import Iterator, Sequence

from golive.api import (
    Capability,
    Figures,
    Gate,
    Ruling,
    Slo,
    failed,
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


def few_fail(seen: Sequence[Figures], slo: Slo) -> Ruling:
    """Of the jobs that ended since the look before."""
    known = [one for one in seen if one.get("done") is not None and one.get("failed") is not None]
    if not known or known[-1].at_seconds != seen[-1].at_seconds:
        silent = "; ".join(one.error or f"{one.place} does not say" for one in latest(seen))
        return inconclusive(silent)
    if no_look := nothing_before(known):
        return no_look
    # All nodes count the same jobs; one of them is enough.
    old, new = pairs(known)[0]
    done = increase((old.get("done") or 0.0,), (new.get("done") or 0.0,))
    # What was kept as failed may have been retried or thrown away meanwhile.
    bad = max(0.0, (new.get("failed") or 0.0) - (old.get("failed") or 0.0))
    ended = done.counts[0] + bad
    if not ended:
        return idle("no job ended since the look before")
    ratio = bad / ended
    measured = {"failed_ratio": ratio, "objective_ratio": slo.failed_ratio, "ended": ended}
    told = f"{bad:g} of {ended:g} jobs failed for good"
    if ratio >= slo.failed_ratio:
        return failed(f"{told}: {ratio:.1%}, not under {slo.failed_ratio:.1%}", **measured)
    return passed(told, **measured)


@scenario(
    needs=[Capability.METRICS],
    requires=["observe.metrics.jobs_done", "observe.metrics.jobs_failed"],
    evidence=Figures,
    check=few_fail,
    remediation="Read why the kept jobs failed, mend it, and retry them: nothing of them is lost.",
)
def failed_jobs(gate: Gate) -> Iterator[Figures]:
    """Fewer jobs fail for good than the objective allows."""
    metrics = gate.target.observe.metrics
    done = (metrics.jobs_done if metrics else None) or ""
    bad = (metrics.jobs_failed if metrics else None) or ""
    read = {"done": lambda node: node.sum(done), "failed": lambda node: node.sum(bad)}
    yield from figures(gate, gate.watch.nodes(), read)
