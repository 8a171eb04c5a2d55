"""S32: the database cannot write its log."""

from golive.api import Demands, Drill, Injection

postgres_disk_full = Drill(
    statement="Nothing is lost while the database cannot write.",
    code="S32",
    faults=(
        Injection(
            "command",
            command="postgres_disk_full",
            lasting_seconds=(3.0, 3.0),
            apart_seconds=(1.0, 1.5),
        ),
    ),
    demands=Demands(recover_within_seconds=75.0),
    remediation="Let jobs be tried again until the database can write, and watch the space on its"
    " disk.",
)
