"""S10: a whole worker node dies."""

from golive.api import Drill, Injection, Profile

worker_killed = Drill(
    statement="Jobs of a worker node that died are done by those that follow, in time.",
    code="S10",
    faults=(
        Injection(
            "kill",
            role="worker_node",
            times=2,
            lasting_seconds=(1.5, 2.0),
            apart_seconds=(1.0, 2.0),
        ),
    ),
    profile=Profile.QUICK,
    remediation="Give jobs a retry, workers a short heartbeat, and let something put the jobs of "
    "dead workers back within seconds.",
)
