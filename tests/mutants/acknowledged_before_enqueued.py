"""The answer is sent first, the job afterwards."""

import asyncio

from _claiming import bounded, enqueue, mark_first

from reference_app.queueing.claim import Claim, JobQueue
from reference_app.queueing.policies import WEBHOOKS, JobRequest

DEFECT = "A notification is answered with 200 when it is claimed; its job is enqueued afterwards."
CAUGHT_BY = "chaos.api_killed"

LATER_S = 0.2

_later: set[asyncio.Task[None]] = set()


def patch() -> None:
    """Leave the job of a notification to a task that begins when the answer has gone."""
    atomic = JobQueue.claim

    async def claim(queue: JobQueue, claim_key: str, job: JobRequest, terms: str = "") -> Claim:
        hasty = _claim if job.queue is WEBHOOKS else atomic
        return await hasty(queue, claim_key, job, terms)

    JobQueue.claim = claim


@bounded
async def _claim(queue: JobQueue, claim_key: str, job: JobRequest, terms: str) -> Claim:
    claim = await mark_first(queue, claim_key, terms)
    if claim is Claim.ACCEPTED:
        task = asyncio.create_task(_enqueue_later(queue, job))
        _later.add(task)
        task.add_done_callback(_later.discard)
    return claim


async def _enqueue_later(queue: JobQueue, job: JobRequest) -> None:
    await asyncio.sleep(LATER_S)
    await enqueue(queue, job)
