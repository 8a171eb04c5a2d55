"""Finds the rate at which the target gives way."""

from golive.api import Knee, LoadPlan, loads, steps

knee = loads(
    LoadPlan(stages=steps(50, 400, 50, 8.0), timeout_seconds=5.0),
    statement="The rate at which the SLO breaks is above 100 notifications a second.",
    remediation="Find what is exhausted at the rate named: processors, connections, or a lock.",
    check=Knee(at_least_per_second=100),
)
