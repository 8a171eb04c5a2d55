"""Connections to the two Redis servers for everything but the API."""

from pydantic import SecretStr
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from reference_app.settings import Settings

WORKER_TTL_S = 20
"""Fifteen more than an idle worker waits for a job in one go."""
IMPATIENT_TIMEOUT_S = 2.0
CACHE_TIMEOUT_S = 0.5


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
    """The queue Redis for what is done again anyway: no answer in time is an error."""
    return _impatient(
        settings.redis_host,
        settings.redis_port,
        settings.redis_db,
        settings.redis_password,
        IMPATIENT_TIMEOUT_S,
    )


def cache_redis(settings: Settings) -> Redis:
    """The cache Redis; nobody waits for it for long."""
    return _impatient(
        settings.redis_cache_host,
        settings.redis_cache_port,
        settings.redis_cache_db,
        settings.redis_cache_password,
        CACHE_TIMEOUT_S,
    )


def _impatient(host: str, port: int, db: int, password: SecretStr, timeout_s: float) -> Redis:
    return Redis(
        host=host,
        port=port,
        db=db,
        password=password.get_secret_value() or None,
        socket_connect_timeout=timeout_s,
        socket_timeout=timeout_s,
        retry=Retry(NoBackoff(), 0),
    )
