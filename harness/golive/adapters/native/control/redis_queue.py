"""The queue's Redis, asked by its administrator."""

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from golive.adapters.native.control.deployed import Deployed
from golive.adapters.native.ports import LOOPBACK

ROLE = "redis-queue"
TIMEOUT_SECONDS = 5.0


def connect(deployed: Deployed) -> Redis:
    """A client that may do everything, and asks once."""
    return Redis(
        host=LOOPBACK,
        port=deployed.server(ROLE).port or 0,
        password=deployed.credentials.redis_queue,
        socket_timeout=TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )


def answers(deployed: Deployed) -> bool:
    """Whether it serves, its data loaded."""
    try:
        with connect(deployed) as redis:
            return bool(redis.ping())
    except (RedisError, OSError):
        return False
