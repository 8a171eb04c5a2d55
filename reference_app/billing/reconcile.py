"""Asks the gateway for debits without a final status, so that no lost notification matters."""

from dataclasses import dataclass

import psycopg
import structlog
from psycopg.rows import class_row

from reference_app.billing import attempts
from reference_app.billing.gateway import Gateway, GatewayUnavailableError
from reference_app.billing.throttle import Throttle
from reference_app.job_database import JobDatabase
from reference_app.settings import Settings
from reference_app.webhooks.notification import Notification
from reference_app.webhooks.reasons import ReasonPolicy, policy_of

# Each try waits longer than the one before: direct debits take days, and tries are counted.
_DUE = """
    SELECT a.id, a.unique_id, a.transaction_id
    FROM billing_attempts a LEFT JOIN payments p ON p.unique_id = a.unique_id
    WHERE a.status <> 'rejected' AND a.reconcile_tries < %(max_tries)s
      AND a.updated_at <= now() - make_interval(mins => %(minutes)s * (a.reconcile_tries + 1))
      AND (p.status IS NULL OR p.status IN ('pending', 'unknown'))
    ORDER BY a.updated_at LIMIT %(batch)s"""

MAX_FAILURES = 3
"""In a row: then the gateway is away, and not one attempt odd."""

log = structlog.get_logger("reconciliation")


@dataclass(frozen=True)
class DueAttempt:
    """An attempt to ask for."""

    id: int
    unique_id: str | None
    transaction_id: str


@dataclass(frozen=True)
class Reconciled:
    """What one run did."""

    asked: int
    found: int


@dataclass(frozen=True)
class Reconciler:
    """Asks back."""

    settings: Settings
    database: JobDatabase
    gateway: Gateway
    throttle: Throttle

    def run(self) -> Reconciled:
        """Ask for what is due, a bounded number; stops when the gateway does not answer."""
        asked = found = failures = 0
        for attempt in self._due():
            self.throttle.wait()
            try:
                news = self.gateway.find(
                    unique_id=attempt.unique_id, transaction_id=attempt.transaction_id
                )
            except GatewayUnavailableError as error:
                failures += 1
                log.warning("not_reconciled", attempt_id=attempt.id, cause=str(error))
                # To the end of the line: one that is never answered must not keep the others out.
                self._postpone(attempt)
                if failures == MAX_FAILURES:
                    break
                continue
            failures = 0
            with self.database.transaction(attempts.STATEMENT_TIMEOUT_MS) as connection:
                _note(connection, attempt, news, policy_of(self.settings))
            asked += 1
            found += news is not None
        log.info("reconciled", asked=asked, found=found)
        return Reconciled(asked, found)

    def _postpone(self, attempt: DueAttempt) -> None:
        with self.database.transaction(attempts.STATEMENT_TIMEOUT_MS) as connection:
            connection.execute(
                "UPDATE billing_attempts SET updated_at = now() WHERE id = %s", (attempt.id,)
            )

    def _due(self) -> list[DueAttempt]:
        bounds = {
            "max_tries": self.settings.reconcile_max_tries,
            "minutes": self.settings.reconcile_after_minutes,
            "batch": self.settings.reconcile_batch,
        }
        with (
            self.database.transaction(attempts.STATEMENT_TIMEOUT_MS) as connection,
            connection.cursor(row_factory=class_row(DueAttempt)) as cursor,
        ):
            return cursor.execute(_DUE, bounds).fetchall()


def _note(
    connection: psycopg.Connection,
    due: DueAttempt,
    news: Notification | None,
    policy: ReasonPolicy,
) -> None:
    # Whoever is billing this one at the moment writes its outcome himself.
    held = connection.execute(
        """SELECT status FROM billing_attempts WHERE id = %s AND status <> 'rejected'
           FOR UPDATE SKIP LOCKED""",
        (due.id,),
    ).fetchone()
    if held is None:
        return
    connection.execute(
        """UPDATE billing_attempts SET reconcile_tries = reconcile_tries + 1, updated_at = now()
           WHERE id = %s""",
        (due.id,),
    )
    if news:
        attempts.adopt(connection, due.id, news, policy)
    else:
        log.warning("unknown_to_gateway", attempt_id=due.id, status=held[0])
