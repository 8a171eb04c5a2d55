"""What the jobs of billing work with, kept per process."""

from functools import cache

from reference_app.billing.bill import Biller
from reference_app.billing.eligibility import AmountLimits
from reference_app.billing.gateway import Gateway
from reference_app.billing.throttle import Breaker, Throttle
from reference_app.queueing.connections import cache_redis
from reference_app.queueing.job_context import database, settings
from reference_app.webhooks.reasons import policy_of


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
        own.billing_same_rejections,
    )


@cache
def reconciliation_throttle() -> Throttle:
    """How fast all reconciliation together asks."""
    own = settings()
    return Throttle(cache_redis(own), "gateway-reconciliation", own.reconcile_rate_per_s)
