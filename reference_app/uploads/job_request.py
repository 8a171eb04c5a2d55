"""The request for the job of an upload, for whoever queues it."""

from uuid import UUID

from reference_app.queueing.policies import DEFAULT, JobRequest

PROCESS_JOB = "reference_app.uploads.job.process_upload"


def job_for(upload_id: UUID, run: str, request_id: str) -> JobRequest:
    """The job that processes an upload; a later run has a name, for an id of its own."""
    return JobRequest(
        queue=DEFAULT,
        function=PROCESS_JOB,
        args=(str(upload_id),),
        job_id=f"upload-{upload_id}{run and f'-{run}'}",
        description=f"upload {upload_id}",
        meta={"request_id": request_id},
    )
