"""Service level objectives of a target and its error budget, as in the SRE books."""

from dataclasses import dataclass

from golive.model.section import Section


@dataclass(frozen=True)
class ErrorBudget(Section):
    """How much unavailability a window allows: 99.9 % of 30 days leaves 43.2 minutes."""

    availability: float = 0.999
    window_days: float = 30.0


@dataclass(frozen=True)
class Slo(Section):
    """Thresholds; the defaults are those of the epic (THR-401)."""

    p95_ms: float = 100.0
    p99_ms: float = 200.0
    failed_ratio: float = 0.01
    api_p95_ms: float = 500.0
    """Of all other calls than the webhook."""
    queue_depth: int = 100
    queue_age_seconds: float = 30.0
    """How long the oldest job of a queue may wait."""
    memory_mb_per_hour: float = 64.0
    """How much memory may grow over a long steady load."""
    processors: float | None = None
    """How many processors the API may use at most during a load; no limit where not set."""
    redis_mb: float | None = None
    """How much memory the queue's Redis may take during a load."""
    postgres_connections: int | None = None
    """How many connections to Postgres may be open during a load."""
    error_budget: ErrorBudget = ErrorBudget()
