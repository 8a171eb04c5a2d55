"""S24: what goes to and comes from the bucket ends in the middle."""

from golive.api import Demands, Drill, Injection, Workload

bucket_cut_short = Drill(
    statement="A file that was cut short is never taken for a whole one.",
    code="S24",
    faults=(
        Injection(
            "limit_data",
            before="s3",
            times=5,
            lasting_seconds=(0.4, 0.8),
            apart_seconds=(0.4, 0.8),
            options={"bytes": 900},
        ),
        Injection(
            "limit_data",
            before="s3",
            times=4,
            lasting_seconds=(0.4, 0.8),
            apart_seconds=(0.9, 1.2),
            options={"bytes": 2500, "stream": "upstream"},
        ),
    ),
    workload=Workload(notifications=300, per_second=40.0, files=16),
    demands=Demands(recover_within_seconds=75.0),
    remediation="Compare length and hash of what was stored and read with what was sent.",
)
