"""S13: the supervisor of the workers dies, its children live on."""

from golive.api import Drill, Injection

worker_parent_killed = Drill(
    statement="Two generations of workers at once apply nothing twice.",
    code="S13",
    faults=(
        Injection(
            "kill", role="worker", times=2, lasting_seconds=(1.5, 2.0), apart_seconds=(1.0, 2.0)
        ),
    ),
    remediation="Let children end with their parent, and let the database refuse a second effect.",
)
