"""A disk that returns other bytes than it was given is found by nothing else."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, one_of, scenario


@scenario(
    needs=[Capability.SQL],
    evidence=Setting,
    check=every(one_of("on")),
    remediation="Stop the server and run: pg_checksums --enable.",
)
def postgres_checksums(gate: Gate) -> Iterator[Setting]:
    """PostgreSQL notices when the disk returns other bytes."""
    yield gate.audit.database.setting("data_checksums")
