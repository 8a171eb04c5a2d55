"""What an operator does with the queues: look, pause, go on, run failed jobs again, end workers."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import uuid4

from redis import Redis
from rq import Queue
from rq.exceptions import NoSuchJobError
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.suspension import resume, suspend
from rq.utils import now, utcformat

from reference_app.queueing import names
from reference_app.queueing.figures import QUEUE_NAMES
from reference_app.queueing.policies import RETRY_INTERVALS_S

ERROR_CHARS = 200
_RETRY = names.script("retry")


@dataclass(frozen=True)
class FailedJob:
    """A job that failed for good."""

    job_id: str
    queue: str
    description: str
    ended_at: str
    error: str
    """The last line of its traceback."""


def pause(redis: Redis, queue: str | None) -> None:
    """Let the workers take nothing more, from one queue or from all."""
    if queue is None:
        suspend(redis)
    else:
        redis.set(names.paused_key(queue), 1)


def go_on(redis: Redis, queue: str | None) -> None:
    """Undo a pause; without a queue, all of them."""
    if queue is None:
        resume(redis)
        redis.delete(*(names.paused_key(name) for name in QUEUE_NAMES))
    else:
        redis.delete(names.paused_key(queue))


def terminate(redis: Redis) -> None:
    """Let the workers of all nodes finish what they run and end; what started them starts anew."""
    redis.set(names.TERMINATE_KEY, uuid4().hex)


def failed_jobs(redis: Redis) -> list[FailedJob]:
    """All that failed for good, oldest first."""
    return [
        _describe(job)
        for name in QUEUE_NAMES
        for job in Job.fetch_many(_failed_ids(redis, name), redis, JSONSerializer)
        if job is not None
    ]


def retry_all(redis: Redis) -> list[str]:
    """Run all again that failed for good; gives their ids."""
    return retry(redis, [one.job_id for one in failed_jobs(redis)])


def retry(redis: Redis, job_ids: Iterable[str]) -> list[str]:
    """Run failed jobs again with all their tries; gives the ids of those that had failed."""
    return [job_id for job_id in job_ids if _retry(redis, job_id)]


def _retry(redis: Redis, job_id: str) -> bool:
    try:
        job = Job.fetch(job_id, redis, JSONSerializer)
    except (NoSuchJobError, ValueError):
        return False
    keys = [
        names.failed_key(job.origin),
        names.list_key(job.origin),
        names.QUEUES_KEY,
        job.key,
    ]
    arguments: list[str | int] = [job.id, len(RETRY_INTERVALS_S), utcformat(now())]
    return bool(redis.register_script(_RETRY)(keys=keys, args=arguments))


def _failed_ids(redis: Redis, queue: str) -> list[str]:
    registry = Queue(queue, connection=redis, serializer=JSONSerializer).failed_job_registry
    ids: list[str] = registry.get_job_ids(cleanup=False)
    return ids


def _describe(job: Job) -> FailedJob:
    result = job.latest_result()
    lines = (result.exc_string or "").strip().splitlines() if result else []
    return FailedJob(
        job_id=job.id,
        queue=job.origin,
        description=job.description or "",
        ended_at=utcformat(job.ended_at) if job.ended_at else "",
        error=lines[-1][:ERROR_CHARS] if lines else "",
    )
