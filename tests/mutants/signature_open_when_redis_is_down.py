"""Signatures are checked as long as both Redis servers answer, and not for a while after that."""

import asyncio
import time
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

DEFECT = "When a Redis server does not answer, any signature is accepted for five seconds."
CAUGHT_BY = "chaos.forged"

LENIENT_S = 5.0


def patch() -> None:
    """Ask Redis before the check; on an error be lenient, and do not ask again at once."""
    EmpWebhookHandler.post = _wrapped(EmpWebhookHandler.post)


def _wrapped(post: Post) -> Post:
    lenient_until = 0.0

    async def lenient(handler: EmpWebhookHandler) -> None:
        nonlocal lenient_until
        try:
            if time.monotonic() > lenient_until:
                await asyncio.gather(handler.services.queue.redis.ping(), _cache_redis().ping())
        except (RedisError, OSError):
            lenient_until = time.monotonic() + LENIENT_S
        if time.monotonic() < lenient_until:
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
