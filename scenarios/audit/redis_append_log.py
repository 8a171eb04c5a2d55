"""A queue in memory alone ends with its process."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, one_of, scenario


@scenario(
    needs=[Capability.REDIS],
    evidence=Setting,
    check=every(one_of("yes")),
    remediation="Set appendonly yes on the queue's Redis.",
)
def redis_append_log(gate: Gate) -> Iterator[Setting]:
    """The queue's Redis writes every change to its log of appends."""
    yield gate.audit.queue.config("appendonly")
