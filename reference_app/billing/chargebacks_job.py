"""The periodic job that fetches chargebacks by day, as RQ calls it by name."""

from datetime import UTC, datetime
from types import TracebackType

from redis import Redis
from rq.job import Job

from reference_app.billing.chargebacks import ChargebackSync
from reference_app.billing.context import cache_redis, gateway
from reference_app.billing.throttle import Throttle
from reference_app.queueing.job_context import database, logged, note_failure, settings
from reference_app.queueing.policies import RECONCILIATION, JobRequest
from reference_app.webhooks.reasons import policy_of


def sync_chargebacks() -> None:
    """Fetch what was posted since the last time."""
    with logged():
        own = settings()
        throttle = Throttle(cache_redis(own), "gateway-reconciliation", own.reconcile_rate_per_s)
        days = own.chargeback_overlap_days
        sync = ChargebackSync(database(), gateway(), throttle, policy_of(own), days)
        sync.run(datetime.now(UTC).date())


def chargebacks_request() -> JobRequest:
    """The job; its id is always the same, so that there is never more than one of it."""
    return JobRequest(
        queue=RECONCILIATION,
        function=f"{__name__}.{sync_chargebacks.__name__}",
        args=(),
        job_id="sync-chargebacks",
        description="chargebacks by day",
    )


def failed(
    job: Job,
    _connection: Redis,
    kind: type[BaseException],
    _error: BaseException,
    _trace: TracebackType | None,
) -> None:
    """Called by RQ after each failed try; the next period starts at the same day."""
    note_failure(job, kind)
