"""The steps of a claim, one by one: what the service does in a single step of Redis."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import wraps

from redis.exceptions import RedisError

from reference_app.http.problems import UnavailableError
from reference_app.queueing import names
from reference_app.queueing.claim import CLAIM_TTL_S, TOTAL_TIMEOUT_S, Claim, JobQueue
from reference_app.queueing.policies import JobRequest

ClaimCall = Callable[[JobQueue, str, JobRequest, str], Awaitable[Claim]]


def bounded(call: ClaimCall) -> ClaimCall:
    """With the limits of the service's own claim."""

    @wraps(call)
    async def limited(queue: JobQueue, claim_key: str, job: JobRequest, terms: str = "") -> Claim:
        try:
            async with asyncio.timeout(TOTAL_TIMEOUT_S):
                return await call(queue, claim_key, job, terms)
        except (RedisError, OSError, TimeoutError) as error:
            raise UnavailableError("redis") from error

    return limited


async def look(queue: JobQueue, claim_key: str, terms: str) -> Claim:
    """What is known of the event."""
    found = await queue.redis.get(claim_key)
    if found is None:
        return Claim.ACCEPTED
    return Claim.ALREADY_PROCESSED if found.decode() == terms else Claim.CONFLICTING


async def mark(queue: JobQueue, claim_key: str, terms: str) -> None:
    """Remember the event, whoever else has done so meanwhile."""
    await queue.redis.set(claim_key, terms, ex=CLAIM_TTL_S)


async def mark_first(queue: JobQueue, claim_key: str, terms: str) -> Claim:
    """Remember the event, unless it is known."""
    if await queue.redis.set(claim_key, terms, nx=True, ex=CLAIM_TTL_S):
        return Claim.ACCEPTED
    return await look(queue, claim_key, terms)


async def enqueue(queue: JobQueue, job: JobRequest) -> None:
    """Store the job and put it into its queue."""
    stored = queue._hashes.build(job)
    async with queue.redis.pipeline(transaction=True) as pipeline:
        pipeline.delete(stored.job_key)
        pipeline.execute_command("HSET", stored.job_key, *stored.fields)
        pipeline.sadd(names.QUEUES_KEY, stored.queue_key)
        pipeline.rpush(stored.queue_key, stored.job_id)
        await pipeline.execute()
