"""A connection for a whole session would let forty idle workers shut everybody else out."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, one_of, scenario


@scenario(
    needs=[Capability.HTTP],
    requires=["audit.pgbouncer_config or target.left_out.pgbouncer"],
    evidence=Setting,
    check=every(one_of("transaction")),
    remediation="Set pool_mode = transaction.",
)
def pgbouncer_mode(gate: Gate) -> Iterator[Setting]:
    """The pooler gives a connection for one transaction at a time."""
    yield gate.audit.files.pgbouncer("pool_mode")
