"""S29: the queue restarts while workers die."""

from golive.api import Demands, Drill, Injection, Profile

two_faults = Drill(
    statement="Two faults at once lose nothing and double nothing.",
    code="S29",
    faults=(
        Injection(
            "kill",
            role="redis_queue",
            times=2,
            lasting_seconds=(0.8, 1.2),
            apart_seconds=(1.0, 2.0),
        ),
        Injection(
            "kill",
            role="work_horse",
            times=6,
            lasting_seconds=(0.1, 0.2),
            apart_seconds=(0.3, 0.6),
        ),
    ),
    demands=Demands(recover_within_seconds=45.0),
    profile=Profile.QUICK,
    remediation="Claim the idempotency key and enqueue the job in one atomic step (a script or a "
    "unique job id), and let the database have the last word.",
)
