"""The periodic job that asks for debits without a final status, as RQ calls it by name."""

from types import TracebackType

from redis import Redis
from rq.job import Job

from reference_app.billing.context import cache_redis, gateway
from reference_app.billing.reconcile import Reconciler
from reference_app.billing.throttle import Throttle
from reference_app.queueing.job_context import database, logged, note_failure, settings
from reference_app.queueing.policies import RECONCILIATION, JobRequest


def reconcile_open() -> None:
    """Ask for what is due."""
    with logged():
        own = settings()
        throttle = Throttle(cache_redis(own), "gateway-reconciliation", own.reconcile_rate_per_s)
        Reconciler(own, database(), gateway(), throttle).run()


def reconcile_request() -> JobRequest:
    """The job; its id is always the same, so that there is never more than one of it."""
    return JobRequest(
        queue=RECONCILIATION,
        function=f"{__name__}.{reconcile_open.__name__}",
        args=(),
        job_id="reconcile-open",
        description="reconciliation of open debits",
    )


def failed(
    job: Job,
    _connection: Redis,
    kind: type[BaseException],
    _error: BaseException,
    _trace: TracebackType | None,
) -> None:
    """Called by RQ after each failed try; the next period asks again."""
    note_failure(job, kind)
