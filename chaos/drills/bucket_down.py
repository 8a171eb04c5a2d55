"""S23: the bucket cannot be reached."""

from golive.api import Demands, Drill, Injection, Workload

bucket_down = Drill(
    statement="A file is refused or stored and processed; no row stands without its object.",
    code="S23",
    faults=(
        Injection(
            "down", before="s3", times=2, lasting_seconds=(1.5, 2.0), apart_seconds=(1.0, 1.5)
        ),
    ),
    workload=Workload(notifications=300, per_second=40.0, files=16),
    demands=Demands(recover_within_seconds=75.0),
    remediation="Store the object before the row, and let the job be tried again.",
)
