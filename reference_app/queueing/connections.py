"""Connections to the queue Redis for everything but the API."""

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from reference_app.settings import Settings

WORKER_TTL_S = 20
"""Fifteen more than an idle worker waits for a job in one go."""
IMPATIENT_TIMEOUT_S = 2.0


def queue_redis(settings: Settings) -> Redis:
    """A patient connection, as RQ's workers need it."""
    return Redis(
        host=settings.redis_host,
        port=settings.redis_port,
        db=settings.redis_db,
        password=settings.redis_password.get_secret_value() or None,
        socket_connect_timeout=2,
        socket_timeout=WORKER_TTL_S,
    )


def impatient_redis(settings: Settings) -> Redis:
    """A connection for what is done again in a second anyway: no answer in time is an error."""
    return Redis(
        host=settings.redis_host,
        port=settings.redis_port,
        db=settings.redis_db,
        password=settings.redis_password.get_secret_value() or None,
        socket_connect_timeout=IMPATIENT_TIMEOUT_S,
        socket_timeout=IMPATIENT_TIMEOUT_S,
        retry=Retry(NoBackoff(), 0),
    )
