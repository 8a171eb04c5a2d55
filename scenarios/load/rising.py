"""The shape of the epic in four minutes."""

from golive.api import LoadPlan, hold, loads, ramp

rising = loads(
    LoadPlan(
        stages=(ramp(0, 50, 20), hold(50, 70), ramp(50, 100, 20), hold(100, 90), ramp(100, 0, 20)),
        files=20,
    ),
    statement="A load rising to 100 notifications a second and falling is answered within the SLO.",
    remediation="Look at the stage and the second at which it became slow: what else ran then?",
)
