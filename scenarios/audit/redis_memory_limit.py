"""Without a limit the kernel decides when memory ends, and ends the whole server."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, between, every, scenario


@scenario(
    needs=[Capability.REDIS],
    evidence=Setting,
    check=every(between(1)),
    remediation="Set maxmemory below the machine's memory.",
)
def redis_memory_limit(gate: Gate) -> Iterator[Setting]:
    """The queue's Redis has a limit of memory."""
    yield gate.audit.queue.config("maxmemory")
