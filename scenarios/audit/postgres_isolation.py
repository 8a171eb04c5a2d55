"""The service locks rows by itself, and was tested with this level."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, one_of, scenario


@scenario(
    needs=[Capability.SQL],
    evidence=Setting,
    check=every(one_of("read committed")),
    remediation="Set default_transaction_isolation = 'read committed'.",
)
def postgres_isolation(gate: Gate) -> Iterator[Setting]:
    """Transactions are isolated as the service expects."""
    yield gate.audit.database.setting("default_transaction_isolation")
