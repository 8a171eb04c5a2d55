"""The story of a watch, as a report tells it."""

from collections.abc import Sequence
from dataclasses import dataclass

from golive.model.monitoring.burn import Budget, Burn, budget, burns
from golive.model.monitoring.incidents import Incident, Judged, incidents
from golive.model.monitoring.records import Told, WatchHistory
from golive.model.monitoring.uptime import Uptime, uptime
from golive.model.slo import Slo


@dataclass(frozen=True)
class Story:
    """A watch, judged."""

    history: WatchHistory
    judged: tuple[Judged, ...]
    incidents: tuple[Incident, ...]
    uptime: Uptime
    budget: Budget
    burns: tuple[Burn, ...]
    objective: float
    """The availability that was promised."""

    @property
    def told(self) -> tuple[Told, ...]:
        """Who was told, and of what."""
        return self.history.told


def tell(history: WatchHistory, judged: Sequence[Judged], slo: Slo) -> Story:
    """Put together what a watch has shown."""
    until = min(history.until_seconds, history.order.schedule.seconds)
    order = history.order
    seen = uptime(history.probes, until, order.blind_seconds, order.maintenance)
    return Story(
        history=history,
        judged=tuple(judged),
        incidents=incidents(judged, order),
        uptime=seen,
        budget=budget(seen, slo.error_budget),
        burns=burns(seen, slo.error_budget, until),
        objective=slo.error_budget.availability,
    )
