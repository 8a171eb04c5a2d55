"""Somebody can reach the service, all the time."""

from collections.abc import Iterator, Sequence

from golive.api import (
    Capability,
    Gate,
    Probed,
    Ruling,
    Slo,
    Stretch,
    critical,
    failed,
    idle,
    inconclusive,
    passed,
    probed,
    probes_of,
    scenario,
    span_of,
    uptime_of,
)

DOWN_AFTER = 2
"""So many failed probes in a row are an outage; one alone is counted, and called a blip."""


def is_up(seen: Sequence[Probed], _slo: Slo) -> Ruling:
    """Down now is critical; an outage that began and ended since the look before is documented."""
    last = seen[-1]
    probes = probes_of(seen)
    whole = uptime_of(seen)
    fresh = [one for one in whole.outages if _is_seen_by(one, last)]
    if not last.probes:
        if len(seen) > 1 and last.at_seconds - seen[-2].at_seconds < last.blind_seconds:
            return idle("no probe was due since the look a moment ago")
        return inconclusive("no probe was made since the look before")
    figures = {
        "uptime_percent": round((whole.ratio or 0.0) * 100, 4),
        "probes": len(last.probes),
        "slowest_ms": max(float(row[2] or 0) for row in last.probes),
    }
    recent = probes[-DOWN_AFTER:]
    if whole.outages and len(recent) == DOWN_AFTER and all(one.wrong for one in recent):
        outage = whole.outages[-1]
        told = span_of(outage.begins_seconds, outage.ends_seconds)
        return critical(f"down since {told}: {outage.reason}", **figures)
    if fresh:
        told = ", ".join(span_of(one.begins_seconds, one.ends_seconds) for one in fresh)
        return failed(f"was down at {told}: {fresh[0].reason}", **figures)
    return passed(f"all {len(last.probes)} probes since the look before were answered", **figures)


def _is_seen_by(outage: Stretch, last: Probed) -> bool:
    """Whether a probe since the look before fell into it."""
    return any(
        wrong and _number(begins) < outage.ends_seconds and outage.begins_seconds <= _number(ends)
        for begins, ends, _milliseconds, wrong in last.probes
    )


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


@scenario(
    needs=[Capability.HTTP],
    evidence=Probed,
    check=is_up,
    remediation="Take the release back, or look at the balancer and the nodes at once.",
)
def availability(gate: Gate) -> Iterator[Probed]:
    """The health check answers 200 through the balancer, asked lightly all the time."""
    yield from probed(gate)
