"""S31: no connection to the database is to be had."""

from golive.api import Demands, Drill, Injection

postgres_connections = Drill(
    statement="Jobs outlast a time without a connection to the database.",
    code="S31",
    faults=(
        Injection(
            "command",
            command="postgres_connections",
            lasting_seconds=(3.0, 3.0),
            apart_seconds=(1.0, 1.5),
        ),
    ),
    demands=Demands(recover_within_seconds=60.0),
    remediation="Bound the pools below what the database allows, and let jobs be tried again.",
)
