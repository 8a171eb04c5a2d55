"""Without it tables grow, then the server stops to protect itself."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, one_of, scenario


@scenario(
    needs=[Capability.SQL],
    evidence=Setting,
    check=every(one_of("on")),
    remediation="Set autovacuum = on.",
)
def postgres_autovacuum(gate: Gate) -> Iterator[Setting]:
    """PostgreSQL cleans up by itself."""
    yield gate.audit.database.setting("autovacuum")
