"""S1: API nodes die in the middle of requests."""

from golive.api import Drill, Injection, Profile

api_killed = Drill(
    statement="Notifications survive API nodes that are killed while they handle them.",
    code="S1",
    faults=(
        Injection(
            "kill", role="api_1", times=2, lasting_seconds=(0.8, 1.5), apart_seconds=(0.3, 0.9)
        ),
        Injection(
            "kill", role="api_2", times=2, lasting_seconds=(0.8, 1.5), apart_seconds=(1.0, 1.6)
        ),
    ),
    profile=Profile.QUICK,
    remediation="Claim the idempotency key and enqueue the job in one atomic step (a script or a "
    "unique job id), and let the database have the last word.",
)
