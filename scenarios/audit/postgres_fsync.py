"""Without it a power cut leaves a database that cannot be read."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, one_of, scenario


@scenario(
    needs=[Capability.SQL],
    evidence=Setting,
    check=every(one_of("on")),
    remediation="Set fsync = on.",
)
def postgres_fsync(gate: Gate) -> Iterator[Setting]:
    """PostgreSQL brings what it writes to the disk."""
    yield gate.audit.database.setting("fsync")
