"""A gate that can write is a fault waiting to happen."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, Who, every, refused, scenario


@scenario(
    needs=[Capability.REDIS],
    evidence=Setting,
    check=every(refused),
    remediation="Give the observer an ACL user with +@read +info +config|get only.",
)
def redis_observer(gate: Gate) -> Iterator[Setting]:
    """The observer cannot write to the queue's Redis."""
    # A key that nobody has: where it is allowed, nothing happens.
    yield gate.audit.queue.word(Who.OBSERVER, "DEL", f"{gate.marker}-no-such-key")
