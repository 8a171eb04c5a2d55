"""Every module with a job, loaded before the workers fork so that they start warm; what runs by
the clock.
"""

from reference_app.billing import bill_job, chargebacks_job, reconcile_job, vop_job
from reference_app.queueing.periodic import Periodic
from reference_app.settings import Settings
from reference_app.uploads import job as uploads_job
from reference_app.uploads import sweep_job
from reference_app.webhooks import job as webhooks_job

MODULES = (
    bill_job,
    chargebacks_job,
    reconcile_job,
    vop_job,
    uploads_job,
    sweep_job,
    webhooks_job,
)


def periodic(settings: Settings) -> tuple[Periodic, ...]:
    """What runs by the clock, once over all nodes."""
    return (
        Periodic(reconcile_job.reconcile_request(), settings.reconcile_every_s),
        Periodic(chargebacks_job.chargebacks_request(), settings.chargebacks_every_s),
        Periodic(sweep_job.sweep_request(), sweep_job.EVERY_S),
    )
