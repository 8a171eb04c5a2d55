"""Who cannot connect gets no answer at all."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, between, every, scenario


@scenario(
    needs=[Capability.HTTP],
    requires=["audit.nginx_config"],
    evidence=Setting,
    check=every(between(1000)),
    remediation="Set worker_connections 1024 or more.",
)
def nginx_connections(gate: Gate) -> Iterator[Setting]:
    """The balancer has room for a thousand connections."""
    yield from gate.audit.files.nginx("worker_connections")
