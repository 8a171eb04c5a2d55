"""S22: notifications with a wrong signature, also while the queue is away."""

from golive.api import Drill, Injection, Workload

forged = Drill(
    statement="Notifications with a wrong signature are refused at any time.",
    code="S22",
    faults=(
        Injection(
            "down",
            before="redis_queue",
            times=2,
            lasting_seconds=(1.0, 1.5),
            apart_seconds=(1.0, 1.5),
        ),
    ),
    workload=Workload(notifications=500, forged=0.5),
    remediation="Check the signature first, and refuse when it cannot be checked.",
)
