"""Limits that all workers share through the cache Redis: calls a second, and a circuit breaker.

Without that Redis each process keeps limits of its own, a fifth of the rate each: debits go on,
and the gateway is not overrun by the usual five workers. No limit ever decides whether a debtor
has been billed, so losing them costs their memory and nothing else.
"""

import random
import time
from collections.abc import Callable
from typing import TypeVar

import pybreaker
import structlog
from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter
from redis import Redis
from redis.exceptions import RedisError

from reference_app.settings import Settings

USUAL_WORKERS = 5
BREAKER_NAMESPACE = "tether:gateway"

T = TypeVar("T")

log = structlog.get_logger("billing")


class CircuitOpenError(Exception):
    """The gateway has failed too often in a row and is left alone for a while."""


class Throttle:
    """So many calls a second."""

    def __init__(self, redis: Redis, name: str, per_s: int) -> None:
        self._name = name
        self._per_s = per_s
        storage = RedisStorage("redis://", connection_pool=redis.connection_pool)
        self._shared = MovingWindowRateLimiter(storage)
        self._own: MovingWindowRateLimiter | None = None

    def wait(self) -> None:
        """Return when one more call may be made."""
        while not self.try_once():
            # Not all waiting workers at the same moment.
            time.sleep(random.uniform(0.5, 1.5) / self._per_s)  # noqa: S311

    def try_once(self) -> bool:
        """Whether one more call may be made now; it counts if so."""
        try:
            return self._shared.hit(RateLimitItemPerSecond(self._per_s), self._name)
        except RedisError as error:
            return self._hit_own(error)

    def _hit_own(self, error: RedisError) -> bool:
        if self._own is None:
            log.warning("limits_not_shared", cause=type(error).__name__)
            self._own = MovingWindowRateLimiter(MemoryStorage())
        share = max(1, self._per_s // USUAL_WORKERS)
        return self._own.hit(RateLimitItemPerSecond(share), self._name)


class Breaker:
    """Stops calling after so many failures in a row; then one call tries whether it works again.

    The one in this process stands before the shared one, so that there is always one.
    """

    def __init__(self, redis: Redis, settings: Settings) -> None:
        self._redis = redis
        self._settings = settings
        self._own = self._breaker(pybreaker.CircuitMemoryStorage(pybreaker.STATE_CLOSED))
        self._shared: pybreaker.CircuitBreaker | None = None

    def call(self, work: Callable[[], T]) -> T:
        """Do the work, whose exceptions are failures; CircuitOpenError instead if it is open."""
        shared = self._shared_breaker()
        try:
            done: T = self._own.call(shared.call, work) if shared else self._own.call(work)
        except pybreaker.CircuitBreakerError as error:
            raise CircuitOpenError from error
        return done

    def _shared_breaker(self) -> pybreaker.CircuitBreaker | None:
        if self._shared is None:
            try:
                storage = pybreaker.CircuitRedisStorage(
                    pybreaker.STATE_CLOSED, self._redis, namespace=BREAKER_NAMESPACE
                )
                self._shared = self._breaker(storage)
            except RedisError as error:
                log.warning("limits_not_shared", cause=type(error).__name__)
        return self._shared

    def _breaker(self, storage: pybreaker.CircuitBreakerStorage) -> pybreaker.CircuitBreaker:
        return pybreaker.CircuitBreaker(
            fail_max=self._settings.billing_breaker_failures,
            reset_timeout=self._settings.billing_breaker_reset_s,
            # Being refused by the shared one is no failure of the gateway.
            exclude=[pybreaker.CircuitBreakerError],
            state_storage=storage,
            throw_new_error_on_trip=False,
        )
