"""Only the balancer is for everybody."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, private, scenario


@scenario(
    needs=[Capability.HTTP],
    requires=["audit.services.postgres"],
    evidence=Setting,
    check=every(private),
    remediation="Bind the database to a private address, and close its port in the firewall.",
)
def door_postgres(gate: Gate) -> Iterator[Setting]:
    """The database answers nobody from outside."""
    yield from gate.audit.network.doors(gate.target.audit.services["postgres"])
