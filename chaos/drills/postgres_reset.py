"""S15: connections to the database end during a commit."""

from golive.api import Demands, Drill, Injection, Profile

postgres_reset = Drill(
    statement="A commit whose outcome nobody knows is neither lost nor doubled.",
    code="S15",
    faults=(
        Injection(
            "reset_peer",
            before="postgres",
            times=9,
            lasting_seconds=(0.2, 0.4),
            apart_seconds=(0.2, 0.5),
        ),
    ),
    demands=Demands(recover_within_seconds=60.0),
    profile=Profile.QUICK,
    remediation="Repeat the whole transaction under a unique constraint when its outcome is "
    "unknown.",
)
