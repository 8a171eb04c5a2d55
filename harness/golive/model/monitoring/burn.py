"""How fast the error budget burns, over a long and a short window at once, as in the SRE workbook.

The long window says that it matters, the short one that it goes on. A window that is not filled
yet is judged on what is there.
"""

from dataclasses import dataclass

from golive.model.monitoring.schedule import HOUR_SECONDS, MINUTE_SECONDS
from golive.model.monitoring.uptime import State, Uptime
from golive.model.slo import ErrorBudget

DAY_SECONDS = 24 * HOUR_SECONDS


@dataclass(frozen=True)
class Windows:
    """A pair of windows, and the rate that must not be reached in both."""

    name: str
    long_seconds: float
    short_seconds: float
    rate: float
    is_critical: bool = False


PAIRS = (
    Windows("1 h and 5 min", HOUR_SECONDS, 5 * MINUTE_SECONDS, 14.4, is_critical=True),
    Windows("6 h and 30 min", 6 * HOUR_SECONDS, 30 * MINUTE_SECONDS, 6.0),
    Windows("3 d and 6 h", 3 * DAY_SECONDS, 6 * HOUR_SECONDS, 1.0),
)


@dataclass(frozen=True)
class Burn:
    """How fast the budget burns in both windows: 1 uses it up exactly. None = nothing watched."""

    windows: Windows
    long_rate: float | None
    short_rate: float | None
    filled_seconds: float
    """How much of the long window has been watched."""

    @property
    def is_burning(self) -> bool:
        """Whether both windows reach the rate."""
        rates = (self.long_rate, self.short_rate)
        return all(rate is not None and rate >= self.windows.rate for rate in rates)

    @property
    def is_filled(self) -> bool:
        """Whether the long window has been watched as a whole."""
        return self.filled_seconds >= self.windows.long_seconds


@dataclass(frozen=True)
class Budget:
    """The error budget of the whole window of the objective, and what the watch took of it."""

    total_seconds: float
    spent_seconds: float

    @property
    def left_ratio(self) -> float:
        """The part that is left; below zero it is overdrawn."""
        return 1 - self.spent_seconds / self.total_seconds if self.total_seconds else 0.0


def burns(seen: Uptime, objective: ErrorBudget, now_seconds: float) -> tuple[Burn, ...]:
    """The rates of every pair of windows at a moment."""
    return tuple(_burn(pair, seen, objective, now_seconds) for pair in PAIRS)


def budget(seen: Uptime, objective: ErrorBudget) -> Budget:
    """What is left of the budget, if there was no outage before the watch."""
    total = (1 - objective.availability) * objective.window_days * DAY_SECONDS
    return Budget(round(total, 6), seen.seconds(State.DOWN))


def _burn(pair: Windows, seen: Uptime, objective: ErrorBudget, now: float) -> Burn:
    long = seen.within(now - pair.long_seconds, now)
    short = seen.within(now - pair.short_seconds, now)
    filled = sum(one.seconds for one in long.stretches if one.state is not State.UNWATCHED)
    return Burn(pair, _rate(long, objective), _rate(short, objective), filled)


def _rate(seen: Uptime, objective: ErrorBudget) -> float | None:
    allowed = 1 - objective.availability
    if seen.ratio is None or not allowed:
        return None
    return round((1 - seen.ratio) / allowed, 6)
