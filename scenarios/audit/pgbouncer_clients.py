"""Too few refuse the nodes, too many let a queue of queries grow that nobody waits for."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, between, every, scenario


@scenario(
    needs=[Capability.HTTP],
    requires=["audit.pgbouncer_config or target.left_out.pgbouncer"],
    evidence=Setting,
    check=every(between(100, 200)),
    remediation="Set max_client_conn between 100 and 200.",
)
def pgbouncer_clients(gate: Gate) -> Iterator[Setting]:
    """The pooler takes 100 to 200 clients."""
    yield gate.audit.files.pgbouncer("max_client_conn")
