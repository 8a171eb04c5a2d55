"""The database is for the nodes only."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, private, scenario


@scenario(
    needs=[Capability.SQL],
    evidence=Setting,
    check=every(private),
    remediation="Set listen_addresses to the private address.",
)
def postgres_bind(gate: Gate) -> Iterator[Setting]:
    """PostgreSQL listens on loopback and private addresses only."""
    yield gate.audit.database.setting("listen_addresses")
