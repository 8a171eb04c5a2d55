"""THR-604: resource usage, the disks."""

from collections.abc import Iterator, Sequence

from golive.api import (
    Capability,
    Figures,
    Gate,
    Ruling,
    Scrape,
    Slo,
    UnobservableError,
    failed,
    figures,
    inconclusive,
    latest,
    passed,
    scenario,
    worst_of,
)

LEAST_FREE = 0.1
# What a machine mounts to read or to forget is full, or not there, by nature.
NO_DISKS = ("tmpfs", "ramfs", "squashfs", "iso9660", "overlay")


def has_room(seen: Sequence[Figures], _slo: Slo) -> Ruling:
    """Every disk has a tenth free."""
    return worst_of([_judged(one) for one in latest(seen)])


def _judged(one: Figures) -> Ruling:
    free = one.get("free_ratio")
    if free is None:
        return inconclusive(f"{one.place}: {one.error or 'it names no disk'}")
    rule = failed if free < LEAST_FREE else passed
    return rule(f"{free:.0%} is free on {one.place}", free_ratio=round(free, 4))


def _fullest(machine: Scrape) -> float | None:
    sizes = {
        one.labels.get("mountpoint"): one.value
        for one in machine.values("node_filesystem_size_bytes")
        if one.labels.get("fstype") not in NO_DISKS
    }
    free = [
        one.value / sizes[place]
        for one in machine.values("node_filesystem_avail_bytes")
        if (place := one.labels.get("mountpoint")) in sizes and sizes[place]
    ]
    return min(free, default=None)


@scenario(
    needs=[Capability.HTTP],
    evidence=Figures,
    check=has_room,
    remediation="Rotate logs, remove old dumps, or enlarge the disk before it is full.",
)
def disk(gate: Gate) -> Iterator[Figures]:
    """No disk runs full."""
    machines = gate.watch.machines()
    own = gate.watch.own_machine()
    if not machines and own is None:
        raise UnobservableError("observe.metrics.machines", "no machine's metrics are named there")
    yield from figures(gate, machines, {"free_ratio": _fullest})
    for place, free in own.disks if own else ():
        yield from figures(gate, [Scrape(place)], {"free_ratio": lambda _, free=free: free})
