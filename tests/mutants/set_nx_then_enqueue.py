"""The claim is one command, the job another, and the client sends again what got no reply."""

from _claiming import bounded, enqueue, mark_first
from _replacing import replace
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialWithJitterBackoff

from reference_app.queueing import claim as claiming
from reference_app.queueing.claim import Claim, JobQueue
from reference_app.queueing.policies import JobRequest
from reference_app.settings import Settings

DEFECT = "SET NX claims the event, a second command enqueues its job, and lost replies are re-sent."
CAUGHT_BY = "chaos.redis_reply_lost"


def patch() -> None:
    """Claim in two steps, with the client's own retries."""
    quiet = claiming._client

    def persistent(settings: Settings) -> Redis:
        client = quiet(settings)
        # What redis-py does unless it is told otherwise.
        client.set_retry(Retry(ExponentialWithJitterBackoff(cap=1, base=0.01), 10))
        return client

    claiming._client = persistent
    replace(JobQueue, "claim", _claim)


@bounded
async def _claim(queue: JobQueue, claim_key: str, job: JobRequest, terms: str) -> Claim:
    claim = await mark_first(queue, claim_key, terms)
    if claim is Claim.ACCEPTED:
        await enqueue(queue, job)
    return claim
