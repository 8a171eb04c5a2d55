"""S4: the queue's Redis cannot be reached."""

from golive.api import Demands, Drill, Injection, Profile, Workload

redis_down = Drill(
    statement="While the queue is away notifications are refused in time, and none is lost.",
    code="S4",
    faults=(
        Injection(
            "down", before="redis_queue", lasting_seconds=(5.0, 5.0), apart_seconds=(1.0, 1.5)
        ),
    ),
    workload=Workload(notifications=320, per_second=40.0),
    demands=Demands(
        recover_within_seconds=30.0, answer_within_seconds=2.5, other_routes_within_seconds=1.5
    ),
    profile=Profile.QUICK,
    remediation="Answer 503 within a second while the queue is away (short time-outs, no retries "
    "in the request), and let workers reconnect.",
)
