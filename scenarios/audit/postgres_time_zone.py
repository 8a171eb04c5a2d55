"""Times without a zone are read as those of the server."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, one_of, scenario


@scenario(
    needs=[Capability.SQL],
    evidence=Setting,
    check=every(one_of("UTC", "Etc/UTC", "GMT")),
    remediation="Set timezone = 'UTC'.",
)
def postgres_time_zone(gate: Gate) -> Iterator[Setting]:
    """The database's times are in UTC."""
    yield gate.audit.database.setting("TimeZone")
