"""A day has gone by for the queue's Redis: what would have expired within it is not there."""

from redis import Redis

from golive.adapters.native.control import redis_queue
from golive.adapters.native.control.commands import Command
from golive.adapters.native.control.deployed import Deployed

LATER_MS = 25 * 3600 * 1000
AT_ONCE = 500


def _begin(deployed: Deployed) -> None:
    with redis_queue.connect(deployed) as redis:
        due = [key for key in redis.scan_iter(count=AT_ONCE) if _expires_soon(redis, key)]
        if due:
            redis.unlink(*due)


def _expires_soon(redis: Redis, key: bytes) -> bool:
    return 0 <= int(redis.pttl(key)) <= LATER_MS


def _end(_deployed: Deployed) -> None:
    """What has expired does not come back."""


COMMAND = Command("every key of the queue's Redis that expires within a day", _begin, _end)
