"""Something was forgotten already."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, between, every, scenario


@scenario(
    needs=[Capability.REDIS],
    evidence=Setting,
    check=every(between(0, 0)),
    remediation="Set maxmemory-policy noeviction, then reconcile: jobs and keys were lost.",
)
def redis_evicted(gate: Gate) -> Iterator[Setting]:
    """The queue's Redis has never evicted a key."""
    yield gate.audit.queue.info("evicted_keys")
