"""Ten times the usual rate, within two seconds."""

from golive.api import LoadPlan, hold, loads, ramp

spike = loads(
    LoadPlan(
        stages=(
            hold(20, 10),
            ramp(20, 200, 2, may_be_slow=True),
            hold(200, 8, may_be_slow=True),
            ramp(200, 20, 2, may_be_slow=True),
            hold(20, 5, may_be_slow=True),
            hold(20, 15),
        )
    ),
    statement="A spike of ten times the usual rate loses nothing, and leaves nothing slow.",
    remediation="Let requests wait in one queue with a limit; look for pools that stay exhausted.",
)
