"""Every job has one try."""

from reference_app.queueing import job_hash

DEFECT = "Jobs have no retries: what is killed or fails once stays undone."
CAUGHT_BY = "chaos.worker_killed"


def patch() -> None:
    """Enqueue without retries."""
    job_hash.retry_policy = lambda: None
