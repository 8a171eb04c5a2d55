"""The periodic job that finds uploads without a job, as RQ calls it by name.

A node may be killed between the row of an upload and its job. The row is there, so nothing is lost
as long as somebody looks.
"""

from functools import cache
from types import TracebackType

import structlog
from redis import Redis
from rq.job import Job

from reference_app.queueing.enqueuer import Enqueuer
from reference_app.queueing.job_context import database, logged, note_failure, settings
from reference_app.queueing.policies import DEFAULT, JobRequest
from reference_app.uploads.job_request import job_for

EVERY_S = 60
STALE_AFTER_S = 300
"""Longer than any sane backlog; should the job only be slow, a second one finds nothing to do."""
BATCH = 500
STATEMENT_TIMEOUT_MS = 10_000

log = structlog.get_logger("uploads")


def sweep_uploads() -> None:
    """Queue what has been pending for long, once a day each."""
    with logged():
        with database().transaction(STATEMENT_TIMEOUT_MS) as connection:
            rows = connection.execute(
                """SELECT id FROM uploads
                   WHERE status = 'pending' AND updated_at < now() - make_interval(secs => %s)
                   ORDER BY updated_at LIMIT %s""",
                (STALE_AFTER_S, BATCH),
            ).fetchall()
        for (upload_id,) in rows:
            if _enqueuer().enqueue_once(job_for(upload_id, "swept", "sweep")):
                log.warning("upload_without_job", upload_id=str(upload_id))


def sweep_request() -> JobRequest:
    """The job."""
    return JobRequest(
        queue=DEFAULT,
        function=f"{__name__}.{sweep_uploads.__name__}",
        args=(),
        job_id="sweep-uploads",
        description="uploads without a job",
    )


def failed(
    job: Job,
    _connection: Redis,
    kind: type[BaseException],
    _error: BaseException,
    _trace: TracebackType | None,
) -> None:
    """Called by RQ after each failed try; the next period looks again."""
    note_failure(job, kind)


@cache
def _enqueuer() -> Enqueuer:
    return Enqueuer(settings())
