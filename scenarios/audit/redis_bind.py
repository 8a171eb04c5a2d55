"""The queue is for the nodes only."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, private, scenario


@scenario(
    needs=[Capability.REDIS],
    evidence=Setting,
    check=every(private),
    remediation="Set bind to the private address.",
)
def redis_bind(gate: Gate) -> Iterator[Setting]:
    """The queue's Redis listens on loopback and private addresses only."""
    yield gate.audit.queue.config("bind")
