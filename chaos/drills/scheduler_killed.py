"""S14: the scheduler dies while jobs wait for their retry."""

from golive.api import Demands, Drill, Injection

scheduler_killed = Drill(
    statement="Jobs that wait for their retry come due although the scheduler dies.",
    code="S14",
    faults=(
        Injection("down", before="postgres", lasting_seconds=(2.0, 2.0), apart_seconds=(0.5, 0.5)),
        Injection(
            "kill", role="scheduler", times=4, lasting_seconds=(0.3, 0.5), apart_seconds=(0.5, 0.8)
        ),
    ),
    demands=Demands(recover_within_seconds=45.0),
    remediation="Do not let retries depend on one process: supervise the scheduler and let any "
    "node take over.",
)
