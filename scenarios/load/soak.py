"""An hour of the usual rate: what leaks shows."""

from golive.api import LoadPlan, Profile, hold, loads

soak = loads(
    LoadPlan(stages=(hold(50, 3600),), no_errors=True, files=120),
    statement="An hour of 50 notifications a second has not one error, and memory does not grow.",
    remediation="Compare what the processes hold at the beginning and at the end.",
    profile=Profile.FULL,
)
