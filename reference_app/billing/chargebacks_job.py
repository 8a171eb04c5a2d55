"""The periodic job that fetches chargebacks by day, as RQ calls it by name."""

from datetime import UTC, datetime

from reference_app.billing.chargebacks import ChargebackSync
from reference_app.billing.context import gateway, reconciliation_throttle
from reference_app.queueing.job_context import database, log_failure, logged, settings
from reference_app.queueing.policies import RECONCILIATION, JobRequest
from reference_app.webhooks.reasons import policy_of


def sync_chargebacks() -> None:
    """Fetch what was posted since the last time."""
    with logged():
        own = settings()
        sync = ChargebackSync(
            database(),
            gateway(),
            reconciliation_throttle(),
            policy_of(own),
            own.chargeback_overlap_days,
        )
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


failed = log_failure
