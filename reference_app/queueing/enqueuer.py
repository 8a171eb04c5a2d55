"""Enqueues jobs from within jobs, each once, by the same atomic step as the API."""

from importlib import resources

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from reference_app import queueing
from reference_app.queueing.claim import CLAIM_TTL_S
from reference_app.queueing.job_hash import QUEUES_KEY, JobHashBuilder
from reference_app.queueing.policies import JobRequest
from reference_app.settings import Settings

TIMEOUT_S = 2.0

_SCRIPT = (resources.files(queueing) / "claim.lua").read_text()


class Enqueuer:
    """The queue Redis, as jobs enqueue on it."""

    def __init__(self, settings: Settings) -> None:
        self._redis = Redis(
            host=settings.redis_host,
            port=settings.redis_port,
            db=settings.redis_db,
            password=settings.redis_password.get_secret_value() or None,
            socket_connect_timeout=TIMEOUT_S,
            socket_timeout=TIMEOUT_S,
            # A failed job runs again as a whole, and claims what it had queued already.
            retry=Retry(NoBackoff(), 0),
        )
        self._script = self._redis.register_script(_SCRIPT)
        self._hashes = JobHashBuilder(self._redis)

    def enqueue_once(self, job: JobRequest) -> bool:
        """Enqueue a job unless one of that id has been; False if so."""
        stored = self._hashes.build(job)
        keys = [f"tether:job:{job.job_id}", stored.job_key, QUEUES_KEY, stored.queue_key]
        return bool(self._script(keys=keys, args=[CLAIM_TTL_S, stored.job_id, "", *stored.fields]))

    def close(self) -> None:
        """Close the connections."""
        self._redis.close()
