"""The job is enqueued before the event is claimed."""

from _claiming import bounded, enqueue, look, mark
from _database import forget_uniqueness
from _replacing import replace

from reference_app.queueing.claim import Claim, JobQueue
from reference_app.queueing.policies import JobRequest

DEFECT = "The job is enqueued, then SET claims the event, and Redis alone knows of repetitions."
CAUGHT_BY = "chaos.api_killed"


def patch() -> None:
    """Enqueue first; a unique key behind it would make up for that."""
    replace(JobQueue, "claim", _claim)
    forget_uniqueness()


@bounded
async def _claim(queue: JobQueue, claim_key: str, job: JobRequest, terms: str) -> Claim:
    claim = await look(queue, claim_key, terms)
    if claim is Claim.ACCEPTED:
        await enqueue(queue, job)
        await mark(queue, claim_key, terms)
    return claim
