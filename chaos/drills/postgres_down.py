"""S17: the database cannot be reached."""

from golive.api import Demands, Drill, Injection

postgres_down = Drill(
    statement="Jobs wait for a database that is away and are done when it is back.",
    code="S17",
    faults=(
        Injection("down", before="postgres", lasting_seconds=(4.0, 4.0), apart_seconds=(1.0, 1.5)),
    ),
    demands=Demands(recover_within_seconds=60.0, other_routes_within_seconds=3.0),
    remediation="Let an error of the database fail the job, so that it is tried again, and let "
    "the tries outlast an outage.",
)
