"""The queues, their policies, and what a job is asked to do."""

from collections.abc import Mapping
from dataclasses import dataclass, field

RETRY_INTERVALS_S = (10, 30, 60)

_HOUR_S = 3600


@dataclass(frozen=True)
class QueuePolicy:
    """How jobs of one queue run, and how long Redis remembers them."""

    name: str
    job_timeout_s: int
    result_ttl_s: int
    failure_ttl_s: int = 30 * 24 * _HOUR_S
    """What failed for good stays listed for a month, to be looked at and run again."""
    forked: bool = False
    """Each job in a process of its own: for what may eat memory. See ADR 8 for what it costs."""


WEBHOOKS = QueuePolicy(
    "webhooks",
    job_timeout_s=120,
    # The proof of effect is in Postgres; at 100 a second an hour of finished jobs would be a
    # gigabyte of a Redis that must never evict.
    result_ttl_s=60,
)
BILLING = QueuePolicy("billing", job_timeout_s=600, result_ttl_s=_HOUR_S)
RECONCILIATION = QueuePolicy("reconciliation", job_timeout_s=600, result_ttl_s=_HOUR_S)
DEFAULT = QueuePolicy("default", job_timeout_s=600, result_ttl_s=_HOUR_S, forked=True)
VOP = QueuePolicy("vop", job_timeout_s=600, result_ttl_s=_HOUR_S)

QUEUES = (WEBHOOKS, BILLING, RECONCILIATION, DEFAULT, VOP)


@dataclass(frozen=True)
class JobRequest:
    """One job to be enqueued. Arguments and meta must survive JSON."""

    queue: QueuePolicy
    function: str
    """Dotted name of the job. Beside it in its module is `failed`, called after each failed try."""
    args: tuple[str | Mapping[str, str], ...]
    job_id: str
    description: str
    """Shown by tools that list jobs. RQ's own would spell out the arguments, personal data too."""
    meta: Mapping[str, str] = field(default_factory=dict)

    @property
    def on_failure(self) -> str:
        """Dotted name of the failure callback."""
        return f"{self.function.rpartition('.')[0]}.failed"
