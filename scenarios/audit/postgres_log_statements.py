"""Everything that is logged can be read by whoever reads logs."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, one_of, scenario


@scenario(
    needs=[Capability.SQL],
    evidence=Setting,
    check=every(one_of("none", "ddl")),
    remediation="Set log_statement to none or ddl.",
)
def postgres_log_statements(gate: Gate) -> Iterator[Setting]:
    """The database does not log every statement."""
    yield gate.audit.database.setting("log_statement")
