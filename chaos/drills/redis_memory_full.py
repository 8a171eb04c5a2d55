"""S9: the queue refuses writes for want of memory."""

from golive.api import Drill, Injection

redis_memory_full = Drill(
    statement="A queue without memory refuses notifications; none is claimed without its job.",
    code="S9",
    faults=(
        Injection(
            "command",
            command="redis_memory",
            times=2,
            lasting_seconds=(2.0, 2.5),
            apart_seconds=(0.5, 1.0),
        ),
    ),
    remediation="Claim the idempotency key and enqueue the job in one atomic step (a script or a "
    "unique job id), and let the database have the last word.",
)
