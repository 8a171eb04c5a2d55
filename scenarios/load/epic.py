"""The load of the epic, with its own durations: 50 and 100 notifications a second."""

from golive.api import LoadPlan, Profile, hold, loads, ramp

epic = loads(
    LoadPlan(
        stages=(
            ramp(0, 50, 60),
            hold(50, 180),
            ramp(50, 100, 60),
            hold(100, 180),
            ramp(100, 0, 60),
        ),
        files=50,
    ),
    statement="Nine minutes of up to 100 notifications a second are answered within the SLO.",
    remediation="Look at the stage and the second at which it became slow: what else ran then?",
    profile=Profile.FULL,
)
