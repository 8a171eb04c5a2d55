"""S27: signed nonsense among the notifications."""

from golive.api import Demands, Drill, Workload

poison = Drill(
    statement="Nonsense among the notifications neither stops the others nor brings workers down.",
    code="S27",
    faults=(),
    workload=Workload(notifications=500, poison=0.3),
    demands=Demands(recover_within_seconds=30.0, must_hit=False, jobs_may_fail=True),
    remediation="Keep what cannot be understood, visible and alarmed, and go on with the next one.",
)
