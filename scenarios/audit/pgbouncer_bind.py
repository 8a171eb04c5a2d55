"""The pooler is for the nodes only."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, private, scenario


@scenario(
    needs=[Capability.HTTP],
    requires=["audit.pgbouncer_config or target.left_out.pgbouncer"],
    evidence=Setting,
    check=every(private),
    remediation="Set listen_addr to the private address.",
)
def pgbouncer_bind(gate: Gate) -> Iterator[Setting]:
    """The pooler listens on loopback and private addresses only."""
    yield gate.audit.files.pgbouncer("listen_addr")
