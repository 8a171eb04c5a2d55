"""Whether an event is known is asked first and noted afterwards."""

from _claiming import bounded, enqueue, look, mark
from _database import forget_uniqueness
from _replacing import replace

from reference_app.queueing.claim import Claim, JobQueue
from reference_app.queueing.policies import JobRequest

DEFECT = "GET looks for the event, then SET claims it, and Redis alone knows of repetitions."
CAUGHT_BY = "chaos.identical_at_once"


def patch() -> None:
    """Look, then claim; a unique key behind it would make up for that."""
    replace(JobQueue, "claim", _claim)
    forget_uniqueness()


@bounded
async def _claim(queue: JobQueue, claim_key: str, job: JobRequest, terms: str) -> Claim:
    claim = await look(queue, claim_key, terms)
    if claim is Claim.ACCEPTED:
        await mark(queue, claim_key, terms)
        await enqueue(queue, job)
    return claim
