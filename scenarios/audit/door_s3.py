"""Only the balancer is for everybody."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, private, scenario


@scenario(
    needs=[Capability.HTTP],
    requires=["audit.services.s3"],
    evidence=Setting,
    check=every(private),
    remediation="Bind the object store to a private address, and close its port in the firewall.",
)
def door_s3(gate: Gate) -> Iterator[Setting]:
    """The object store answers nobody from outside."""
    yield from gate.audit.network.doors(gate.target.audit.services["s3"])
