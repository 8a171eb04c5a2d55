"""Every job has one try."""

from _replacing import replace

from reference_app.queueing import job_hash

DEFECT = "Jobs have no retries: what is killed or fails once stays undone."
CAUGHT_BY = "chaos.worker_killed"


def patch() -> None:
    """Enqueue without retries."""
    replace(job_hash, "retry_policy", lambda: None)
