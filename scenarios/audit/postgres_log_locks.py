"""Who waits for whom is seen in the log only while it happens."""

from collections.abc import Iterator

from golive.api import Capability, Gate, Setting, every, one_of, scenario


@scenario(
    needs=[Capability.SQL],
    evidence=Setting,
    check=every(one_of("on")),
    remediation="Set log_lock_waits = on.",
)
def postgres_log_locks(gate: Gate) -> Iterator[Setting]:
    """The database logs long waits for locks."""
    yield gate.audit.database.setting("log_lock_waits")
