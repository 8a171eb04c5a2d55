"""S6: the queue's Redis is killed with jobs in it."""

from golive.api import Drill, Injection, Profile

redis_killed = Drill(
    statement="Jobs that wait survive a crash of the queue.",
    code="S6",
    faults=(
        Injection(
            "kill",
            role="redis_queue",
            times=2,
            lasting_seconds=(1.0, 1.5),
            apart_seconds=(1.0, 2.0),
        ),
        Injection(
            "pause", role="worker_node", lasting_seconds=(2.5, 2.5), apart_seconds=(0.3, 0.3)
        ),
    ),
    profile=Profile.QUICK,
    remediation="Give the queue an append-only file (appendonly yes, appendfsync always or "
    "everysec).",
)
