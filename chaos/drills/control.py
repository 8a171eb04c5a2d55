"""S30: no fault at all."""

from golive.api import Demands, Drill, Workload

control = Drill(
    statement="Without any fault every notification and every file has its effect once.",
    code="S30",
    faults=(),
    workload=Workload(notifications=600, files=6),
    demands=Demands(recover_within_seconds=20.0, must_hit=False),
    remediation="Nothing was broken on purpose: look at the witness.",
)
