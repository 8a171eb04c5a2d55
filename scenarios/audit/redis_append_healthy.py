"""A log that could not be written says so in one figure that nobody reads."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, one_of, scenario


@scenario(
    needs=[Capability.REDIS],
    evidence=Setting,
    check=every(one_of("ok")),
    remediation="Look at the disk of the queue's Redis and at its log.",
)
def redis_append_healthy(gate: Gate) -> Iterator[Setting]:
    """The last write and the last rewrite of the queue's log went well."""
    for name in ("aof_last_write_status", "aof_last_bgrewrite_status"):
        yield gate.audit.queue.info(name)
