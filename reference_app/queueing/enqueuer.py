"""Enqueues jobs from within jobs and by the clock, each once, by the atomic step of the API."""

from redis import Redis

from reference_app.queueing import names
from reference_app.queueing.claim import CLAIM_TTL_S
from reference_app.queueing.job_hash import JobHashBuilder
from reference_app.queueing.policies import JobRequest


class Enqueuer:
    """The queue Redis, as jobs enqueue on it. It need not be patient: a failed job runs again as a
    whole, and claims what it had queued already.
    """

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._script = redis.register_script(names.script("claim"))
        self._hashes = JobHashBuilder(redis)

    def enqueue_once(self, job: JobRequest, claim_key: str = "", keep_s: int = CLAIM_TTL_S) -> bool:
        """Enqueue a job unless its claim, by default that of its id, is taken; False if so."""
        stored = self._hashes.build(job)
        keys, arguments = stored.claimed_by(claim_key or f"tether:job:{job.job_id}", keep_s)
        return bool(self._script(keys=keys, args=arguments))

    def close(self) -> None:
        """Close the connections."""
        self._redis.close()
