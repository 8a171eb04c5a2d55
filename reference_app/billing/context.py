"""What the jobs of billing work with, kept per process."""

from functools import cache

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from reference_app.billing.bill import Biller
from reference_app.billing.eligibility import AmountLimits
from reference_app.billing.gateway import Gateway
from reference_app.billing.throttle import Breaker, Throttle
from reference_app.queueing.job_context import database, settings
from reference_app.settings import Settings
from reference_app.webhooks.reasons import policy_of

CACHE_TIMEOUT_S = 0.5


def cache_redis(of: Settings) -> Redis:
    """The cache Redis; nobody waits for it for long."""
    return Redis(
        host=of.redis_cache_host,
        port=of.redis_cache_port,
        db=of.redis_cache_db,
        password=of.redis_cache_password.get_secret_value() or None,
        socket_connect_timeout=CACHE_TIMEOUT_S,
        socket_timeout=CACHE_TIMEOUT_S,
        retry=Retry(NoBackoff(), 0),
    )


@cache
def gateway() -> Gateway:
    """The gateway."""
    return Gateway(settings())


@cache
def biller() -> Biller:
    """Who bills."""
    own = settings()
    redis = cache_redis(own)
    return Biller(
        database(),
        gateway(),
        Throttle(redis, "gateway-billing", own.billing_rate_per_s),
        Breaker(redis, own),
        AmountLimits(own.billing_min_cents, own.billing_max_cents),
        policy_of(own),
    )
