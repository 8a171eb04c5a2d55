"""S11: workers die one by one."""

from golive.api import Drill, Injection, Profile

work_horse_killed = Drill(
    statement="Killed workers neither lose jobs nor apply them twice.",
    code="S11",
    faults=(
        Injection(
            "kill",
            role="work_horse",
            times=8,
            lasting_seconds=(0.1, 0.2),
            apart_seconds=(0.2, 0.4),
        ),
    ),
    profile=Profile.QUICK,
    remediation="Write the effect and its audit row in one transaction under a unique constraint.",
)
