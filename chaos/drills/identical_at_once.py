"""S18: fifty identical deliveries at the same moment."""

from golive.api import Demands, Drill, Profile, Workload

identical_at_once = Drill(
    statement="Identical deliveries at the same moment have one effect and are all acknowledged.",
    code="S18",
    faults=(),
    workload=Workload(notifications=16, per_second=4.0, at_once=50),
    demands=Demands(recover_within_seconds=30.0, must_hit=False),
    profile=Profile.QUICK,
    remediation="Claim the key with SET NX or a unique row, never by looking first and setting "
    "then.",
)
