"""Ten minutes at each rate, without a single error."""

from golive.api import LoadPlan, Profile, hold, loads

sustained = loads(
    LoadPlan(stages=(hold(50, 600), hold(100, 600)), no_errors=True, files=60),
    statement="Ten minutes at 50 and at 100 notifications a second have not one error.",
    remediation="Look at the answers by stage, and at what each request leaves behind in memory.",
    profile=Profile.FULL,
)
