"""THR-604: resource usage, the processors."""

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
    nothing_before,
    pairs,
    passed,
    scenario,
    worst_of,
)

BUSIEST = 0.9
"""Of one core for a node's process, of all cores for a machine."""


def has_room(seen: Sequence[Figures], _slo: Slo) -> Ruling:
    """Neither a process nor a machine is busy nearly all the time since the look before."""
    if no_look := nothing_before(seen):
        return no_look
    rulings = [_busy(old, new) for old, new in pairs(seen)]
    rulings += [inconclusive(f"{one.place}: {one.error}") for one in latest(seen) if one.error]
    return worst_of(rulings)


def _busy(old: Figures, new: Figures) -> Ruling:
    seconds = new.clock_seconds - old.clock_seconds
    before, after = old.get("busy_seconds"), new.get("busy_seconds")
    if old.error or new.error:
        return inconclusive(f"{new.place}: {new.error or old.error}")
    if before is None or after is None:
        return inconclusive(f"{new.place} does not say how busy it is")
    if old.born != new.born or after < before:
        # It counts from zero since it was started again.
        before = 0.0
    ratio = (after - before) / seconds / (new.get("cores") or 1.0)
    measured = {f"{new.place}_busy_ratio": round(ratio, 4)}
    rule = failed if ratio > BUSIEST else passed
    return rule(f"{new.place} is busy {ratio:.0%} of the time", **measured)


def _busy_seconds(machine: Scrape) -> float | None:
    found = machine.values("node_cpu_seconds_total")
    return sum(one.value for one in found if one.labels.get("mode") != "idle") if found else None


def _cores(machine: Scrape) -> float:
    return len({one.labels.get("cpu") for one in machine.values("node_cpu_seconds_total")}) or 1.0


@scenario(
    needs=[Capability.METRICS],
    evidence=Figures,
    check=has_room,
    remediation="Add a node, or look which request or job keeps it busy.",
)
def cpu(gate: Gate) -> Iterator[Figures]:
    """No node and no machine is busy nearly all the time."""
    process = {"busy_seconds": lambda node: node.sum("process_cpu_seconds_total")}
    yield from figures(gate, gate.watch.nodes(), process)
    machine = {"busy_seconds": _busy_seconds, "cores": _cores}
    yield from figures(gate, gate.watch.machines(), machine)
