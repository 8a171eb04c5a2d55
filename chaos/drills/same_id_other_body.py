"""S20: a known notification comes with another amount."""

from golive.api import Demands, Drill, Workload

same_id_other_body = Drill(
    statement="A known notification with another amount is refused and changes nothing.",
    code="S20",
    faults=(),
    workload=Workload(notifications=400, conflicting=0.3),
    demands=Demands(recover_within_seconds=30.0, must_hit=False),
    remediation="Keep what the first delivery said, compare, refuse with an error and raise an "
    "alarm.",
)
