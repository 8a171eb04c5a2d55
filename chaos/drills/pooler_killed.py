"""S36: pgBouncer crashes."""

from golive.api import Demands, Drill, Injection

pooler_killed = Drill(
    statement="A crash of the connection pool loses nothing.",
    code="S36",
    faults=(
        Injection(
            "kill", role="pgbouncer", times=3, lasting_seconds=(0.8, 1.2), apart_seconds=(0.8, 1.5)
        ),
    ),
    demands=Demands(recover_within_seconds=60.0),
    remediation="Open connections again when they end, and repeat the transaction.",
)
