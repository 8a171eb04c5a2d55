"""The periodic job that finds uploads without a job, as RQ calls it by name.

A node may be killed between the row of an upload and its job. The row is there, so nothing is lost
as long as somebody looks.
"""

from functools import cache

import structlog

from reference_app.queueing.connections import impatient_redis
from reference_app.queueing.enqueuer import Enqueuer
from reference_app.queueing.job_context import database, log_failure, logged, settings
from reference_app.queueing.policies import DEFAULT, JobRequest
from reference_app.uploads.job_request import job_for

EVERY_S = 60
STALE_AFTER_S = 300
"""Longer than any sane backlog; should the job only be slow, a second one finds nothing to do."""
LOST_AFTER_S = 3600
"""Longer than all tries of a job take: nobody is at it any more."""
BATCH = 500

log = structlog.get_logger("uploads")


def sweep_uploads() -> None:
    """Queue what has been pending, or in the works, for too long."""
    with logged():
        with database().transaction() as connection:
            rows = connection.execute(
                """SELECT id, updated_at FROM uploads
                   WHERE (status = 'pending' AND updated_at < now() - make_interval(secs => %s))
                      OR (status = 'processing' AND updated_at < now() - make_interval(secs => %s))
                   ORDER BY updated_at LIMIT %s""",
                (STALE_AFTER_S, LOST_AFTER_S, BATCH),
            ).fetchall()
        for upload_id, updated_at in rows:
            # Once for each time that it got stuck.
            run = f"swept-{updated_at:%Y%m%d%H%M%S}"
            if _enqueuer().enqueue_once(job_for(upload_id, run, "sweep")):
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


failed = log_failure


@cache
def _enqueuer() -> Enqueuer:
    return Enqueuer(impatient_redis(settings()))
