"""What every job works with: its request's id in the log, kept connections, a word on failure."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from types import TracebackType

import structlog
from redis import Redis
from rq import get_current_job
from rq.job import Job

from reference_app.bucket import Bucket
from reference_app.job_database import JobDatabase
from reference_app.settings import Settings, load_settings

log = structlog.get_logger("jobs")


@contextmanager
def logged() -> Iterator[Mapping[str, str]]:
    """Carry the request's id into the log of its job; yields the job's meta."""
    job = get_current_job()
    meta: Mapping[str, str] = job.meta if job else {}
    job_id = job.id if job else None
    with structlog.contextvars.bound_contextvars(request_id=meta.get("request_id"), job_id=job_id):
        yield meta


@cache
def settings() -> Settings:
    """The environment, read once per process."""
    return load_settings()


@cache
def database() -> JobDatabase:
    """The database, kept per process."""
    return JobDatabase(settings())


@cache
def bucket() -> Bucket:
    """The bucket, kept per process."""
    return Bucket(settings())


def no_other_try() -> None:
    """Let the job fail for good if it fails now: what is wrong does not pass by itself."""
    if job := get_current_job():
        job.retries_left = 0


def log_failure(
    job: Job,
    _connection: Redis,
    kind: type[BaseException],
    _error: BaseException,
    _trace: TracebackType | None,
) -> None:
    """What a job's module names `failed`, for RQ to call after each failed try, unless more is to
    be done than to log it: what fails for good stays listed for a retry by hand.
    """
    note_failure(job, kind)


def note_failure(job: Job, kind: type[BaseException]) -> bool:
    """Log a failed try; True when there will be no other."""
    tries_left = job.retries_left or 0
    level = log.warning if tries_left else log.error
    level("job_failed", job_id=job.id, queue=job.origin, error=kind.__name__, tries_left=tries_left)
    return not tries_left
