"""The job of a batch, as RQ calls it by name. It may run again and bills nobody twice."""

from uuid import UUID

from rq import Retry

from reference_app.billing.attempts import Batch
from reference_app.billing.bill import BatchEnd
from reference_app.billing.context import biller
from reference_app.queueing.job_context import log_failure, logged, no_other_try, settings
from reference_app.queueing.policies import BILLING, JobRequest

UNKNOWN_AGAIN_AFTER_S = 60
MAX_PUT_BACKS = 200


class BatchStoppedError(Exception):
    """The gateway refuses one debtor after another alike: a person must look, and then retry."""


def bill_batch(upload_id: str, first_id: str, last_id: str) -> Retry | None:
    """Bill a batch; what cannot be billed now is put back, which costs it none of its tries."""
    with logged():
        end = biller().bill(Batch(UUID(upload_id), int(first_id), int(last_id)))
    if end is BatchEnd.DONE:
        return None
    if end is BatchEnd.REJECTED_IN_A_ROW:
        # Each run by itself would only use up more debtors.
        no_other_try()
        raise BatchStoppedError(end.value)
    open_s = settings().billing_breaker_reset_s
    wait_s = open_s if end is BatchEnd.CIRCUIT_OPEN else UNKNOWN_AGAIN_AFTER_S
    return Retry(max=MAX_PUT_BACKS, interval=wait_s)


def request_for(batch: Batch, run: str, request_id: str) -> JobRequest:
    """The job that bills a batch, in one run of billing an upload."""
    return JobRequest(
        queue=BILLING,
        function=f"{__name__}.{bill_batch.__name__}",
        args=(str(batch.upload_id), str(batch.first_id), str(batch.last_id)),
        job_id=f"bill-{run}-{batch.first_id}",
        description=f"billing of upload {batch.upload_id}",
        meta={"request_id": request_id},
    )


failed = log_failure
