"""S2: what Redis did, but could not tell."""

from golive.api import Drill, Injection, Profile

redis_reply_lost = Drill(
    statement="Notifications survive replies of the queue that are lost after it did what was "
    "asked.",
    code="S2",
    faults=(
        Injection(
            "reset_peer",
            before="redis_queue",
            times=9,
            lasting_seconds=(0.2, 0.4),
            apart_seconds=(0.2, 0.5),
        ),
        Injection(
            "timeout",
            before="redis_queue",
            times=5,
            lasting_seconds=(0.2, 0.4),
            apart_seconds=(0.5, 0.9),
            options={"timeout_ms": 80},
        ),
    ),
    profile=Profile.QUICK,
    remediation="Claim the idempotency key and enqueue the job in one atomic step (a script or a "
    "unique job id), and let the database have the last word.",
)
