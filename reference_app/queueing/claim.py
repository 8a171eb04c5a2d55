"""Claims an event and enqueues its job in one atomic step of Redis.

Two steps would lose events: a crash, or merely a lost reply that the client re-sends, leaves the
claim without a job, and the redelivery is taken for a duplicate.
"""

import asyncio
from datetime import UTC, datetime
from enum import Enum

import redis
from redis.asyncio import BlockingConnectionPool
from redis.asyncio import Redis as AsyncRedis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from reference_app.http.problems import UnavailableError
from reference_app.queueing import names
from reference_app.queueing.figures import (
    FIGURES_KEYS,
    FIGURES_SCRIPT,
    QUEUE_NAMES,
    QueueFigures,
    parse_figures,
)
from reference_app.queueing.job_hash import JobHashBuilder
from reference_app.queueing.policies import JobRequest
from reference_app.settings import Settings

CLAIM_TTL_S = 24 * 3600
SOCKET_TIMEOUT_S = 0.4
POOL_WAIT_S = 0.2
TOTAL_TIMEOUT_S = 0.8
MAX_CONNECTIONS = 64


class Claim(Enum):
    """Whether this delivery was the first of its event."""

    ACCEPTED = "accepted"
    ALREADY_PROCESSED = "already-processed"
    CONFLICTING = "conflicting"
    """The same event, but its terms differ from those of the first delivery."""


_CLAIMS = {1: Claim.ACCEPTED, 0: Claim.ALREADY_PROCESSED, -1: Claim.CONFLICTING}


class JobQueue:
    """The queue Redis, as the API uses it."""

    def __init__(self, settings: Settings) -> None:
        self.redis = _client(settings)
        self._script = self.redis.register_script(names.script("claim"))
        self._figures = self.redis.register_script(FIGURES_SCRIPT)
        self._hashes = JobHashBuilder(
            redis.Redis(host=settings.redis_host, port=settings.redis_port)
        )

    async def claim(self, claim_key: str, job: JobRequest, terms: str = "") -> Claim:
        """Claim and enqueue, both or neither; UnavailableError comes within 1 s."""
        keys, arguments = self._hashes.build(job).claimed_by(claim_key, CLAIM_TTL_S, terms)
        try:
            async with asyncio.timeout(TOTAL_TIMEOUT_S):
                outcome = await self._script(keys=keys, args=arguments)
        except (RedisError, OSError, TimeoutError) as error:
            raise UnavailableError("redis") from error
        return _CLAIMS[int(outcome)]

    async def figures(self) -> list[QueueFigures]:
        """What all queues look like; UnavailableError comes within 1 s."""
        try:
            async with asyncio.timeout(TOTAL_TIMEOUT_S):
                reply = await self._figures(keys=FIGURES_KEYS, args=QUEUE_NAMES)
        except (RedisError, OSError, TimeoutError) as error:
            raise UnavailableError("redis") from error
        return parse_figures(reply, datetime.now(UTC))

    async def close(self) -> None:
        """Close the connections."""
        await self.redis.aclose()


def _client(settings: Settings) -> AsyncRedis:
    pool = BlockingConnectionPool(
        max_connections=MAX_CONNECTIONS,
        timeout=POOL_WAIT_S,
        host=settings.redis_host,
        port=settings.redis_port,
        db=settings.redis_db,
        password=settings.redis_password.get_secret_value() or None,
        socket_timeout=SOCKET_TIMEOUT_S,
        socket_connect_timeout=SOCKET_TIMEOUT_S,
        # A dead Redis is answered with 503 at once; the gateway is the one that tries again.
        retry=Retry(NoBackoff(), 0),
    )
    return AsyncRedis.from_pool(pool)
