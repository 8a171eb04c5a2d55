"""THR-604: the queue's depth stays stable."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from golive.api import Capability, Gate, Ruling, Slo, failed, passed, scenario


@dataclass(frozen=True)
class Depth:
    """How many jobs wait in a queue."""

    at_seconds: float
    place: str
    waiting: int
    scheduled: int


def stays_shallow(seen: Sequence[Depth], slo: Slo) -> Ruling:
    """No queue is deeper than its objective."""
    last = [one for one in seen if one.at_seconds == seen[-1].at_seconds]
    deep = [one for one in last if one.waiting > slo.queue_depth]
    figures = {"waiting": max(one.waiting for one in last), "objective": slo.queue_depth}
    if deep:
        told = "; ".join(f"{one.waiting} wait in {one.place}" for one in deep)
        return failed(f"{told}, over {slo.queue_depth}", **figures)
    return passed(f"at most {figures['waiting']} wait, in {len(last)} queues", **figures)


@scenario(
    needs=[Capability.REDIS],
    evidence=Depth,
    check=stays_shallow,
    remediation="Look whether the workers run, are paused, or wait for the database.",
)
def queue_depth(gate: Gate) -> Iterator[Depth]:
    """No queue holds more jobs in line than its objective."""
    for one in gate.queue.depths():
        yield Depth(gate.watch.at_seconds, one.name, one.waiting, one.scheduled)
