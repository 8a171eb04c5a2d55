"""The job of a notification, as RQ calls it by name. It may run again and has its effect once."""

from collections.abc import Mapping
from datetime import UTC, datetime
from types import TracebackType

import structlog
from redis import Redis
from rq.job import Job

from reference_app.queueing.job_context import database, logged, note_failure, settings
from reference_app.webhooks import effect
from reference_app.webhooks.notification import from_fields
from reference_app.webhooks.reasons import policy_of

STATEMENT_TIMEOUT_MS = 10_000

log = structlog.get_logger("webhooks")


def process_emp_webhook(payload: Mapping[str, str]) -> None:
    """Give one notification of the gateway its effect."""
    with logged() as meta:
        received = meta.get("received_at")
        received_at = datetime.fromisoformat(received) if received else datetime.now(UTC)
        notification = from_fields(payload)
        with database().transaction(STATEMENT_TIMEOUT_MS) as connection:
            first = effect.apply(connection, notification, received_at, policy_of(settings()))
        outcome = "applied" if first else "already_applied"
        log.info(outcome, unique_id=notification.unique_id, status=notification.status)


def failed(
    job: Job,
    _connection: Redis,
    kind: type[BaseException],
    _error: BaseException,
    _trace: TracebackType | None,
) -> None:
    """Called by RQ after each failed try; what fails for good stays listed for a retry by hand."""
    note_failure(job, kind)
