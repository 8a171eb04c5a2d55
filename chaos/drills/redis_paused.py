"""S5: the queue's Redis stands still, its connections open."""

from golive.api import Demands, Drill, Injection, Workload

redis_paused = Drill(
    statement="A queue that stands still holds up neither the other routes nor the answers of "
    "the webhook.",
    code="S5",
    faults=(
        Injection(
            "pause", role="redis_queue", lasting_seconds=(5.0, 5.0), apart_seconds=(1.0, 1.5)
        ),
    ),
    workload=Workload(notifications=320, per_second=40.0),
    demands=Demands(
        recover_within_seconds=30.0, answer_within_seconds=2.5, other_routes_within_seconds=1.5
    ),
    remediation="Talk to Redis without blocking the event loop, with a socket time-out of half a "
    "second.",
)
