"""S35: the database crashes."""

from golive.api import Demands, Drill, Injection

postgres_killed = Drill(
    statement="What was acknowledged survives a crash of the database.",
    code="S35",
    faults=(
        Injection(
            "kill", role="postgres", times=2, lasting_seconds=(1.5, 2.0), apart_seconds=(1.0, 2.0)
        ),
    ),
    demands=Demands(recover_within_seconds=75.0),
    remediation="Keep fsync and synchronous_commit on, and let jobs be tried again.",
)
