"""What one node remembers the next one does not know."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, one_of, scenario


@scenario(
    needs=[Capability.HTTP],
    requires=["audit.env_file"],
    evidence=Setting,
    check=every(one_of("redis")),
    remediation="Set QUEUE_CONNECTION, CACHE_DRIVER and SESSION_DRIVER to redis.",
)
def env_stateless(gate: Gate) -> Iterator[Setting]:
    """Queue, cache and sessions are in Redis, and on no node."""
    for name in ("QUEUE_CONNECTION", "CACHE_DRIVER", "SESSION_DRIVER"):
        yield gate.audit.files.variable(name)
