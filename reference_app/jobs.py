"""The jobs, as RQ calls them by name. Each may run more than once and has its effect once."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from types import TracebackType
from uuid import UUID

import structlog
from redis import Redis
from rq import get_current_job
from rq.job import Job

from reference_app import upload_processing, webhook_effect
from reference_app.job_database import JobDatabase
from reference_app.notification import from_fields
from reference_app.settings import load_settings
from reference_app.storage import Bucket

STATEMENT_TIMEOUT_MS = 10_000
UPLOAD_FUNCTION = "reference_app.jobs.process_upload"

log = structlog.get_logger("jobs")


def process_emp_webhook(payload: Mapping[str, str]) -> None:
    """Give one notification of the gateway its effect."""
    with _logged() as meta:
        received = meta.get("received_at")
        received_at = datetime.fromisoformat(received) if received else datetime.now(UTC)
        notification = from_fields(payload)
        with _database().transaction(STATEMENT_TIMEOUT_MS) as connection:
            first = webhook_effect.apply(connection, notification, received_at)
        outcome = "applied" if first else "already_applied"
        log.info(outcome, unique_id=notification.unique_id, status=notification.status)


def process_upload(upload_id: str) -> None:
    """Turn one uploaded file into debtors."""
    with _logged():
        upload_processing.process(_database(), _bucket(), UUID(upload_id))


def record_failure(
    job: Job,
    _connection: Redis,
    kind: type[BaseException],
    _error: BaseException,
    _trace: TracebackType | None,
) -> None:
    """Called by RQ after each failed try: log it, and settle what will not be tried again."""
    tries_left = job.retries_left or 0
    level = log.warning if tries_left else log.error
    level("job_failed", job_id=job.id, queue=job.origin, error=kind.__name__, tries_left=tries_left)
    if not tries_left and job.func_name == UPLOAD_FUNCTION:
        reason = "Processing failed repeatedly; upload the file again."
        upload_processing.fail(_database(), UUID(job.args[0]), reason)


@contextmanager
def _logged() -> Iterator[Mapping[str, str]]:
    """Carry the request's id into the log of its job; yields the job's meta."""
    job = get_current_job()
    meta: Mapping[str, str] = job.meta if job else {}
    job_id = job.id if job else None
    with structlog.contextvars.bound_contextvars(request_id=meta.get("request_id"), job_id=job_id):
        yield meta


@cache
def _database() -> JobDatabase:
    return JobDatabase(load_settings())


@cache
def _bucket() -> Bucket:
    return Bucket(load_settings())
