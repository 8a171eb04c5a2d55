"""A query that never ends holds its locks and its connection for ever."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, limited, of_role, scenario


@scenario(
    needs=[Capability.SQL],
    requires=["audit.database_role"],
    evidence=Setting,
    check=every(limited),
    remediation="ALTER ROLE … SET statement_timeout = '60s'.",
)
def postgres_statement_limit(gate: Gate) -> Iterator[Setting]:
    """A statement of the service is ended when it takes too long."""
    yield of_role(gate, "statement_timeout")
