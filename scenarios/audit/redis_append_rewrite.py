"""While the log is rewritten, appendfsync must go on holding."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, one_of, scenario


@scenario(
    needs=[Capability.REDIS],
    evidence=Setting,
    check=every(one_of("no")),
    remediation="Set no-appendfsync-on-rewrite no.",
)
def redis_append_rewrite(gate: Gate) -> Iterator[Setting]:
    """The queue's Redis syncs its log while it rewrites it as well."""
    yield gate.audit.queue.config("no-appendfsync-on-rewrite")
