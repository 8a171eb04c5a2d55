"""The job of a notification, as RQ calls it by name. It may run again and has its effect once."""

from collections.abc import Mapping
from datetime import UTC, datetime

import structlog

from reference_app.queueing.job_context import database, log_failure, logged, settings
from reference_app.webhooks import effect
from reference_app.webhooks.notification import from_fields
from reference_app.webhooks.reasons import policy_of

log = structlog.get_logger("webhooks")


def process_emp_webhook(payload: Mapping[str, str]) -> None:
    """Give one notification of the gateway its effect."""
    with logged() as meta:
        received = meta.get("received_at")
        received_at = datetime.fromisoformat(received) if received else datetime.now(UTC)
        notification = from_fields(payload)
        with database().transaction() as connection:
            first = effect.apply(connection, notification, received_at, policy_of(settings()))
        outcome = "applied" if first else "already_applied"
        log.info(outcome, unique_id=notification.unique_id, status=notification.status)


failed = log_failure
