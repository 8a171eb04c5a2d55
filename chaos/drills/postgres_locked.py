"""S16: the tables are locked for longer than a job may take."""

from golive.api import Demands, Drill, Injection

postgres_locked = Drill(
    statement="Jobs that wait for a lock end in time and are done afterwards.",
    code="S16",
    faults=(
        Injection(
            "command",
            command="postgres_locks",
            lasting_seconds=(5.0, 5.0),
            apart_seconds=(0.5, 1.0),
        ),
    ),
    demands=Demands(recover_within_seconds=60.0),
    remediation="Set statement_timeout and lock_timeout below the time a job may take, and retry.",
)
