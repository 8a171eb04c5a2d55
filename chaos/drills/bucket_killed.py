"""S37: the object store crashes."""

from golive.api import Demands, Drill, Injection, Workload

bucket_killed = Drill(
    statement="A crash of the object store leaves no row without its object.",
    code="S37",
    faults=(
        Injection(
            "kill", role="minio", times=2, lasting_seconds=(1.0, 1.5), apart_seconds=(1.0, 1.5)
        ),
    ),
    workload=Workload(notifications=300, per_second=40.0, files=16),
    demands=Demands(recover_within_seconds=75.0),
    remediation="Store the object before the row, and let the job be tried again.",
)
