"""Only the balancer is for everybody."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, private, scenario


@scenario(
    needs=[Capability.HTTP],
    requires=["audit.services.redis_queue"],
    evidence=Setting,
    check=every(private),
    remediation="Bind the queue's Redis to a private address, and close its port in the firewall.",
)
def door_redis_queue(gate: Gate) -> Iterator[Setting]:
    """The queue's Redis answers nobody from outside."""
    yield from gate.audit.network.doors(gate.target.audit.services["redis_queue"])
