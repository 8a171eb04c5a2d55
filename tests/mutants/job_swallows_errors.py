"""A job that failed looks like one that succeeded."""

from collections.abc import Mapping

import structlog

from reference_app.webhooks import job

DEFECT = "The job of a notification logs every error and ends well, so nothing tries again."
CAUGHT_BY = "chaos.postgres_down"

log = structlog.get_logger("webhooks")


def patch() -> None:
    """Catch everything around the job."""
    process = job.process_emp_webhook

    def swallowing(payload: Mapping[str, str]) -> None:
        try:
            process(payload)
        except Exception:
            log.exception("notification_failed")

    job.process_emp_webhook = swallowing
