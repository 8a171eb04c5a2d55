"""Signatures are checked as long as both Redis servers answer."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import cache

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from reference_app.queueing.connections import CACHE_TIMEOUT_S
from reference_app.settings import Settings, load_settings
from reference_app.webhooks.route import EmpWebhookHandler

Post = Callable[[EmpWebhookHandler], Awaitable[None]]

DEFECT = "While one of the Redis servers does not answer, any signature is accepted."
CAUGHT_BY = "chaos.forged"


def patch() -> None:
    """Ask Redis before the check, and skip the check on an error."""
    EmpWebhookHandler.post = _wrapped(EmpWebhookHandler.post)


def _wrapped(post: Post) -> Post:
    async def lenient(handler: EmpWebhookHandler) -> None:
        try:
            await asyncio.gather(handler.services.queue.redis.ping(), _cache_redis().ping())
        except (RedisError, OSError):
            handler._check_signature = lambda *_: None
        await post(handler)

    return lenient


@cache
def _cache_redis() -> Redis:
    settings: Settings = load_settings()
    return Redis(
        host=settings.redis_cache_host,
        port=settings.redis_cache_port,
        db=settings.redis_cache_db,
        password=settings.redis_cache_password.get_secret_value() or None,
        socket_timeout=CACHE_TIMEOUT_S,
        socket_connect_timeout=CACHE_TIMEOUT_S,
        retry=Retry(NoBackoff(), 0),
    )
