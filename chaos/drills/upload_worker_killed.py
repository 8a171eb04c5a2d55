"""S25: workers die while they process files."""

from golive.api import Demands, Drill, Injection, Workload

upload_worker_killed = Drill(
    statement="A file whose worker died is processed once and whole.",
    code="S25",
    faults=(
        Injection(
            "kill",
            role="upload_worker",
            times=10,
            lasting_seconds=(0.2, 0.3),
            apart_seconds=(0.3, 0.5),
        ),
        Injection("kill", role="worker_node", lasting_seconds=(1.5, 1.5), apart_seconds=(2.0, 3.0)),
    ),
    workload=Workload(notifications=300, per_second=40.0, files=16),
    demands=Demands(recover_within_seconds=75.0),
    remediation="Write the rows of a file and its status in one transaction that can be repeated.",
)
