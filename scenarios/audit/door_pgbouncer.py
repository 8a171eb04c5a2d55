"""Only the balancer is for everybody."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, private, scenario


@scenario(
    needs=[Capability.HTTP],
    requires=["audit.services.pgbouncer or target.left_out.pgbouncer"],
    evidence=Setting,
    check=every(private),
    remediation="Bind the pooler to a private address, and close its port in the firewall.",
)
def door_pgbouncer(gate: Gate) -> Iterator[Setting]:
    """The pooler answers nobody from outside."""
    address = gate.target.audit.services.get("pgbouncer")
    if address is None:
        yield gate.audit.files.pgbouncer("listen_port")
    else:
        yield from gate.audit.network.doors(address)
