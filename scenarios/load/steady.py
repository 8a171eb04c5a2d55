"""The shortest load that says something: 50, then 100 notifications a second."""

from collections.abc import Iterator

from golive.api import (
    Capability,
    Gate,
    Loaded,
    LoadPlan,
    deadline_of,
    felt_within_slo,
    hold,
    ramp,
    scenario,
    under_load,
)

PLAN = LoadPlan(
    stages=(ramp(0, 50, 3, warm_up=True), hold(50, 8), hold(100, 9)), files=4, timeout_seconds=5.0
)


@scenario(
    needs=[Capability.WEBHOOK, Capability.SQL, Capability.REDIS],
    requires=["observe.sql.effect_log or observe.sql.effects"],
    evidence=Loaded,
    check=felt_within_slo,
    remediation="Look at the stage and the second at which it became slow: what else ran then?",
    deadline_seconds=deadline_of(PLAN),
)
def steady(gate: Gate) -> Iterator[Loaded]:
    """50 and 100 notifications a second are answered within the SLO, and none is lost."""
    yield from under_load(gate, PLAN)
