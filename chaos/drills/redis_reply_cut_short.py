"""S3: replies of Redis that end in the middle."""

from golive.api import Drill, Injection, Profile

redis_reply_cut_short = Drill(
    statement="No notification is applied twice when replies of the queue end in the middle.",
    code="S3",
    faults=(
        Injection(
            "limit_data",
            before="redis_queue",
            times=10,
            lasting_seconds=(0.2, 0.4),
            apart_seconds=(0.2, 0.4),
            options={"bytes": 40},
        ),
    ),
    profile=Profile.QUICK,
    remediation="Let no command be sent again that is not idempotent, and let the database refuse"
    " a second effect.",
)
