"""THR-604: resource usage, memory."""

from collections.abc import Iterator, Sequence

from golive.api import (
    Capability,
    Figures,
    Gate,
    Ruling,
    Scrape,
    Slo,
    failed,
    figures,
    inconclusive,
    latest,
    passed,
    scenario,
    worst_of,
)

LEAST_FREE = 0.1
WARMING_MB = 128.0
"""What a process may take while it warms up, whatever the time."""
MB = 1024.0 * 1024.0
OWN = "this machine"


def does_not_leak(seen: Sequence[Figures], slo: Slo) -> Ruling:
    """A process grows no faster than the objective, a machine keeps a tenth free."""
    return worst_of([_judged(one, seen, slo) for one in latest(seen)])


def _judged(one: Figures, seen: Sequence[Figures], slo: Slo) -> Ruling:
    if one.error:
        return inconclusive(f"{one.place}: {one.error}")
    if (free := one.get("free_ratio")) is not None:
        rule = failed if free < LEAST_FREE else passed
        return rule(f"{free:.0%} is free on {one.place}", **{f"{one.place}_free_ratio": free})
    used = one.get("resident_bytes")
    if used is None:
        return inconclusive(f"{one.place} does not say how much it uses")
    lives = [old for old in seen if old.place == one.place and old.born == one.born]
    first = next((old for old in lives if old.get("resident_bytes") is not None), one)
    grown = (used - (first.get("resident_bytes") or 0.0)) / MB
    hours = (one.clock_seconds - first.clock_seconds) / 3600
    allowed = WARMING_MB + slo.memory_mb_per_hour * hours
    rule = failed if grown > allowed else passed
    return rule(
        f"{one.place} uses {used / MB:.0f} MB, {grown:+.0f} since it was first seen",
        **{f"{one.place}_mb": round(used / MB, 1)},
    )


def _machine_free(machine: Scrape) -> float | None:
    free = machine.sum("node_memory_MemAvailable_bytes")
    whole = machine.sum("node_memory_MemTotal_bytes")
    return free / whole if free is not None and whole else None


@scenario(
    needs=[Capability.METRICS],
    evidence=Figures,
    check=does_not_leak,
    remediation="Start the nodes again one by one, and look what grows.",
)
def memory(gate: Gate) -> Iterator[Figures]:
    """No node's memory grows without end, and no machine runs out of it."""
    read = {"resident_bytes": lambda node: node.sum("process_resident_memory_bytes")}
    yield from figures(gate, gate.watch.nodes(), read)
    yield from figures(gate, gate.watch.machines(), {"free_ratio": _machine_free})
    if (own := gate.watch.own_machine()) is not None:
        free = own.memory_free_ratio
        yield from figures(gate, [Scrape(OWN)], {"free_ratio": lambda _: free})
