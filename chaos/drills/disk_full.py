"""S28: the queue cannot write its log."""

from golive.api import Demands, Drill, Injection

disk_full = Drill(
    statement="Nothing is acknowledged that the queue could not write down.",
    code="S28",
    faults=(
        Injection(
            "command",
            command="redis_disk_full",
            lasting_seconds=(3.0, 3.0),
            apart_seconds=(1.0, 1.5),
        ),
    ),
    demands=Demands(recover_within_seconds=45.0),
    remediation="Answer 503 when the queue refuses writes, and watch the space on its disk.",
)
