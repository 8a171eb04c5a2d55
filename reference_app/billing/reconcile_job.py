"""The periodic job that asks for debits without a final status, as RQ calls it by name."""

from reference_app.billing.context import gateway, reconciliation_throttle
from reference_app.billing.reconcile import Reconciler
from reference_app.queueing.job_context import database, log_failure, logged, settings
from reference_app.queueing.policies import RECONCILIATION, JobRequest


def reconcile_open() -> None:
    """Ask for what is due."""
    with logged():
        Reconciler(settings(), database(), gateway(), reconciliation_throttle()).run()


def reconcile_request() -> JobRequest:
    """The job; its id is always the same, so that there is never more than one of it."""
    return JobRequest(
        queue=RECONCILIATION,
        function=f"{__name__}.{reconcile_open.__name__}",
        args=(),
        job_id="reconcile-open",
        description="reconciliation of open debits",
    )


failed = log_failure
