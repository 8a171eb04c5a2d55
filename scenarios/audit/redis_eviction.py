"""What the queue's Redis evicts is a payment that nobody will ever hear of again."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, one_of, scenario


@scenario(
    needs=[Capability.REDIS],
    evidence=Setting,
    check=every(one_of("noeviction")),
    remediation="Set maxmemory-policy noeviction on the queue's Redis.",
)
def redis_eviction(gate: Gate) -> Iterator[Setting]:
    """The queue's Redis refuses to write when it is full, and forgets nothing."""
    yield gate.audit.queue.config("maxmemory-policy")
