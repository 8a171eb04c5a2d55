"""The queues, their policies, and what a job is asked to do."""

from collections.abc import Mapping
from dataclasses import dataclass, field

RETRY_INTERVALS_S = (10, 30, 60)

_DAY_S = 24 * 3600


@dataclass(frozen=True)
class QueuePolicy:
    """How jobs of one queue run, and how long Redis remembers them."""

    name: str
    job_timeout_s: int
    result_ttl_s: int
    failure_ttl_s: int = 30 * _DAY_S
    """What failed for good stays listed for a month, to be looked at and run again."""


WEBHOOKS = QueuePolicy(
    "webhooks",
    job_timeout_s=120,
    # The proof of effect is in Postgres; at 100 a second an hour of finished jobs would be a
    # gigabyte of a Redis that must never evict.
    result_ttl_s=60,
)
DEFAULT = QueuePolicy("default", job_timeout_s=600, result_ttl_s=3600)


@dataclass(frozen=True)
class JobRequest:
    """One job to be enqueued. Arguments and meta must survive JSON."""

    queue: QueuePolicy
    function: str
    args: tuple[str | Mapping[str, str], ...]
    job_id: str
    description: str
    """Shown by tools that list jobs. RQ's own would spell out the arguments, personal data too."""
    meta: Mapping[str, str] = field(default_factory=dict)
