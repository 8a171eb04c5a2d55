"""A transaction that was left open holds its locks and a connection of the pool."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, limited, of_role, scenario


@scenario(
    needs=[Capability.SQL],
    requires=["audit.database_role"],
    evidence=Setting,
    check=every(limited),
    remediation="ALTER ROLE … SET idle_in_transaction_session_timeout = '60s'.",
)
def postgres_idle_limit(gate: Gate) -> Iterator[Setting]:
    """A transaction that the service leaves open is ended."""
    yield of_role(gate, "idle_in_transaction_session_timeout")
