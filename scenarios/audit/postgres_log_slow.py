"""What became slow is known before it fails."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, scenario


def names_a_limit(setting: Setting) -> str:
    """-1 is off, 0 is all."""
    return "must be a time above 0" if setting.value in {None, "-1", "0"} else ""


@scenario(
    needs=[Capability.SQL],
    evidence=Setting,
    check=every(names_a_limit),
    remediation="Set log_min_duration_statement = '1s'.",
)
def postgres_log_slow(gate: Gate) -> Iterator[Setting]:
    """The database logs slow statements."""
    yield gate.audit.database.setting("log_min_duration_statement")
