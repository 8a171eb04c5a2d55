"""S19: everything with a time to live has expired, then all is delivered again."""

from golive.api import Demands, Drill, Injection, Workload

a_day_later = Drill(
    statement="Notifications that come again after their keys have expired have no second effect.",
    code="S19",
    faults=(),
    afterwards=(
        Injection(
            "command", command="a_day_later", lasting_seconds=(0.1, 0.1), apart_seconds=(0.1, 0.1)
        ),
    ),
    workload=Workload(notifications=400),
    demands=Demands(recover_within_seconds=30.0, must_hit=False),
    remediation="Keep the event's id for good, under a unique constraint in the database; the key"
    " in Redis is only the fast path.",
)
