"""The job that prepares the billing of an upload: names are checked, then batches are queued.

One after the other in one job: no batch can start before its names are known, and nobody has to
wait for anybody.
"""

from uuid import UUID

from reference_app.billing.attempts import STATEMENT_TIMEOUT_MS, Batch
from reference_app.billing.bill_job import request_for as bill_request
from reference_app.billing.payees import PayeeChecks
from reference_app.job_database import JobDatabase
from reference_app.queueing.connections import impatient_redis
from reference_app.queueing.enqueuer import Enqueuer
from reference_app.queueing.job_context import database, log_failure, logged, settings
from reference_app.queueing.policies import VOP, JobRequest

BATCH_SIZE = 50

_BATCHES = """
    SELECT min(id), max(id) FROM (
        SELECT id, (row_number() OVER (ORDER BY id) - 1) / %s AS batch
        FROM debtors WHERE upload_id = %s) AS numbered
    GROUP BY batch ORDER BY batch"""


def verify_payees(upload_id: str, run: str) -> None:
    """Check the sample of an upload, then queue its batches; each is queued once in a run."""
    with logged() as meta:
        checks = PayeeChecks(settings(), database())
        checks.check(UUID(upload_id))
        checks.close()
        enqueuer = Enqueuer(impatient_redis(settings()))
        for batch in batches(database(), UUID(upload_id)):
            enqueuer.enqueue_once(bill_request(batch, run, meta.get("request_id", run)))
        enqueuer.close()


def batches(of: JobDatabase, upload_id: UUID) -> list[Batch]:
    """All debtors of an upload, so many at a time."""
    with of.transaction(STATEMENT_TIMEOUT_MS) as connection:
        rows = connection.execute(_BATCHES, (BATCH_SIZE, upload_id)).fetchall()
    return [Batch(upload_id, first, last) for first, last in rows]


def request_for(upload_id: UUID, run: str, request_id: str) -> JobRequest:
    """The job that starts a run of billing an upload."""
    return JobRequest(
        queue=VOP,
        function=f"{__name__}.{verify_payees.__name__}",
        args=(str(upload_id), run),
        job_id=f"vop-{run}",
        description=f"name check and billing of upload {upload_id}",
        meta={"request_id": request_id},
    )


failed = log_failure
