"""The shortest load that says something: 50, then 100 notifications a second."""

from golive.api import LoadPlan, Profile, hold, loads, ramp

steady = loads(
    LoadPlan(
        stages=(ramp(0, 50, 3, may_be_slow=True), hold(50, 8), hold(100, 9)),
        timeout_seconds=5.0,
        files=4,
    ),
    statement="50 and 100 notifications a second are answered within the SLO, and none is lost.",
    remediation="Look at the stage and the second at which it became slow: what else ran then?",
    profile=Profile.QUICK,
)
