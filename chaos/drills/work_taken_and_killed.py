"""S12: workers die at any moment, also right after taking a job."""

from golive.api import Drill, Injection, Workload

work_taken_and_killed = Drill(
    statement="A job that a worker took just before it died is not lost.",
    code="S12",
    faults=(
        Injection(
            "kill",
            role="work_horse",
            times=14,
            lasting_seconds=(0.02, 0.06),
            apart_seconds=(0.2, 0.5),
        ),
    ),
    workload=Workload(notifications=900, per_second=100.0),
    remediation="Let each worker listen to one queue, so that it moves a job instead of popping "
    "it.",
)
