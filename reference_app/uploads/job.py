"""The job of an upload, as RQ calls it by name. It may run again and has its effect once."""

from types import TracebackType
from uuid import UUID

from redis import Redis
from rq.job import Job

from reference_app.queueing.job_context import bucket, database, logged, note_failure, settings
from reference_app.uploads import processing


def process_upload(upload_id: str) -> None:
    """Turn one uploaded file into debtors."""
    with logged():
        days = settings().upload_duplicate_days
        processing.process(database(), bucket(), UUID(upload_id), days)


def failed(
    job: Job,
    _connection: Redis,
    kind: type[BaseException],
    _error: BaseException,
    _trace: TracebackType | None,
) -> None:
    """Called by RQ after each failed try: settle what will not be tried again."""
    if note_failure(job, kind):
        reason = "Processing failed repeatedly; upload the file again."
        processing.fail(database(), UUID(job.args[0]), reason)
