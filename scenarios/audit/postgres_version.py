"""Older ones are no longer mended, or soon."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, between, every, scenario


@scenario(
    needs=[Capability.SQL],
    evidence=Setting,
    check=every(between(140000)),
    remediation="Upgrade PostgreSQL to 14 or newer.",
)
def postgres_version(gate: Gate) -> Iterator[Setting]:
    """PostgreSQL is of version 14 or newer."""
    yield gate.audit.database.setting("server_version_num")
