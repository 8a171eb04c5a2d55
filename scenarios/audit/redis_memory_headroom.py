"""A queue that is nearly full refuses notifications in the next rush."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, between, every, scenario

MOST_PERCENT = 75


@scenario(
    needs=[Capability.REDIS],
    evidence=Setting,
    check=every(between(0, MOST_PERCENT)),
    remediation="Raise maxmemory, or find out what fills it: SCAN with MEMORY USAGE.",
)
def redis_memory_headroom(gate: Gate) -> Iterator[Setting]:
    """The queue's Redis uses less than three quarters of its memory."""
    limit = float(str(gate.audit.queue.config("maxmemory").value or 0))
    used = gate.audit.queue.info("used_memory")
    share = round(100 * float(str(used.value or 0)) / limit, 1) if limit else None
    yield Setting(used.place, "used_memory in percent of maxmemory", share)
