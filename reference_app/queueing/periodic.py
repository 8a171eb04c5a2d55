"""Jobs that come again and again: once per period over all nodes, and none for missed periods."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from redis import Redis

from reference_app.queueing import names
from reference_app.queueing.enqueuer import Enqueuer
from reference_app.queueing.policies import JobRequest

CLOCKS_APART_S = 3600
"""A claim outlives its period by this much, for nodes whose clocks are behind."""
_UNFINISHED: tuple[object, ...] = (b"queued", b"started", b"scheduled")


@dataclass(frozen=True)
class Periodic:
    """A job to be enqueued every so often; the number of the period is added to its id."""

    request: JobRequest
    every_s: int


class PeriodicJobs:
    """Enqueues each job once in each of its periods; any number of nodes may try."""

    def __init__(self, redis: Redis, jobs: Sequence[Periodic]) -> None:
        self._redis = redis
        self._jobs = jobs
        self._enqueuer = Enqueuer(redis)

    def enqueue_due(self, now_s: float | None = None) -> list[str]:
        """Enqueue what this period has not seen yet; gives the ids."""
        at_s = time.time() if now_s is None else now_s
        ids = [self._enqueue(job, int(at_s // job.every_s)) for job in self._jobs]
        return [job_id for job_id in ids if job_id]

    def _enqueue(self, job: Periodic, period: int) -> str:
        last_key = f"tether:periodic:{job.request.job_id}:last"
        if self._is_unfinished(last_key):
            return ""
        request = replace(job.request, job_id=f"{job.request.job_id}-{period}")
        claim_key = f"tether:periodic:{job.request.job_id}:{period}"
        keep_s = 2 * job.every_s + CLOCKS_APART_S
        if not self._enqueuer.enqueue_once(request, claim_key, keep_s):
            return ""
        self._redis.set(last_key, f"{names.JOB_PREFIX}{request.job_id}", ex=keep_s)
        return request.job_id

    def _is_unfinished(self, last_key: str) -> bool:
        # While the one before still waits, another behind it would only make the line longer.
        last = self._redis.get(last_key)
        return last is not None and self._redis.hget(last, "status") in _UNFINISHED
