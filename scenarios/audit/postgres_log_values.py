"""Values of statements are names, accounts and amounts of people."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, one_of, scenario


@scenario(
    needs=[Capability.SQL],
    evidence=Setting,
    check=every(one_of("0")),
    remediation="Set log_parameter_max_length = 0 and log_parameter_max_length_on_error = 0.",
)
def postgres_log_values(gate: Gate) -> Iterator[Setting]:
    """The database logs statements without their values."""
    yield gate.audit.database.setting("log_parameter_max_length")
    yield gate.audit.database.setting("log_parameter_max_length_on_error")
