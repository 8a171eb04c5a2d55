"""S21: what is told about a payment arrives in any order."""

from golive.api import Demands, Drill, Workload

shuffled = Drill(
    statement="A payment ends in the same state whatever the order of its notifications.",
    code="S21",
    faults=(),
    workload=Workload(notifications=300, followed_by=("pending_async", "chargeback/chargebacked")),
    demands=Demands(recover_within_seconds=30.0, must_hit=False),
    remediation="Rank the states: a later one is never overwritten by an earlier one, however "
    "late that comes.",
)
