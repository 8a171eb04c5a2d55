"""Attempts at billing in Postgres: one row per debtor, there before the gateway is called."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import psycopg
from psycopg.rows import class_row

from reference_app.billing.eligibility import Candidate
from reference_app.billing.gateway import Rejected, Sent, Unknown
from reference_app.webhooks import effect
from reference_app.webhooks.notification import Notification
from reference_app.webhooks.reasons import ReasonPolicy, apply_reasons

STATEMENT_TIMEOUT_MS = 20_000

# Without a name of the constraint: two who insert the same row at once may meet at any of them.
_OPEN = """
    INSERT INTO billing_attempts (debtor_id, upload_id, transaction_id, status)
    SELECT id, upload_id, replace(upload_id::text, '-', '') || '-' || line, 'sending'
    FROM debtors WHERE upload_id = %s AND id BETWEEN %s AND %s
    ON CONFLICT DO NOTHING RETURNING debtor_id"""

_UNSETTLED = """
    SELECT debtor_id FROM billing_attempts
    WHERE upload_id = %s AND debtor_id BETWEEN %s AND %s AND status IN ('sending', 'unknown')
    ORDER BY debtor_id"""

_TAKE = """
    SELECT a.id, a.status, a.transaction_id, d.iban, d.name, d.amount_cents, d.currency,
           EXISTS (SELECT 1 FROM blacklisted_ibans b
                   WHERE b.iban = d.iban AND b.level = 'block') AS blocked,
           c.result AS payee
    FROM billing_attempts a
    JOIN debtors d ON d.id = a.debtor_id
    LEFT JOIN payee_checks c ON c.debtor_id = a.debtor_id
    WHERE a.debtor_id = %s AND a.status IN ('sending', 'unknown')
    FOR UPDATE OF a SKIP LOCKED"""


@dataclass(frozen=True)
class Batch:
    """Consecutive debtors of one upload."""

    upload_id: UUID
    first_id: int
    last_id: int


@dataclass(frozen=True)
class OpenBatch:
    """What is to be done of a batch."""

    unsettled: tuple[int, ...]
    fresh: frozenset[int]
    """Those whose row was made just now: nobody can have called the gateway for them before."""


@dataclass(frozen=True)
class Attempt:
    """An attempt that this transaction holds."""

    id: int
    status: str
    transaction_id: str
    candidate: Candidate


@dataclass(frozen=True)
class _Row:
    id: int
    status: str
    transaction_id: str
    iban: str
    name: str
    amount_cents: int
    currency: str
    blocked: bool
    payee: str | None


def open_batch(connection: psycopg.Connection, batch: Batch) -> OpenBatch:
    """Make the rows that are missing, and list what is not settled."""
    span = (batch.upload_id, batch.first_id, batch.last_id)
    fresh = frozenset(int(row[0]) for row in connection.execute(_OPEN, span))
    unsettled = tuple(int(row[0]) for row in connection.execute(_UNSETTLED, span))
    return OpenBatch(unsettled, fresh)


def take(connection: psycopg.Connection, debtor_id: int) -> Attempt | None:
    """Hold an unsettled attempt until the transaction ends; None if another one has or had it."""
    with connection.cursor(row_factory=class_row(_Row)) as cursor:
        row = cursor.execute(_TAKE, (debtor_id,)).fetchone()
    if row is None:
        return None
    candidate = Candidate(
        row.iban, row.name, row.amount_cents, row.currency, row.blocked, row.payee
    )
    return Attempt(row.id, row.status, row.transaction_id, candidate)


def settle(
    connection: psycopg.Connection,
    attempt_id: int,
    outcome: Sent | Rejected | Unknown,
    policy: ReasonPolicy,
) -> None:
    """Write what came of an attempt; a transaction is also the payment's first status."""
    if isinstance(outcome, Sent):
        adopt(connection, attempt_id, outcome.notification, policy)
    elif isinstance(outcome, Rejected):
        _write(connection, attempt_id, "rejected", f"{outcome.code} {outcome.message}".strip())
    else:
        _write(connection, attempt_id, "unknown", outcome.why)


def refuse(connection: psycopg.Connection, attempt_id: int, reason: str) -> None:
    """Write why a debtor is not billed."""
    _write(connection, attempt_id, "rejected", reason)


def can_be_billed(connection: psycopg.Connection, upload_id: UUID) -> bool:
    """Whether there is such an upload with debtors to bill."""
    query = "SELECT 1 FROM uploads WHERE id = %s AND status = 'completed'"
    return connection.execute(query, (upload_id,)).fetchone() is not None


def refused(connection: psycopg.Connection, upload_id: UUID, reason: str) -> int:
    """How many attempts are rejected for a reason that begins so."""
    row = connection.execute(
        """SELECT count(*) FROM billing_attempts
           WHERE upload_id = %s AND status = 'rejected' AND starts_with(coalesce(error, ''), %s)""",
        (upload_id, reason),
    ).fetchone()
    return int(row[0]) if row else 0


def reopen(connection: psycopg.Connection, upload_id: UUID, reason: str) -> int:
    """Let those be billed again whose rejection begins with this reason; gives their number."""
    # Unknown, so that the gateway is asked for each before a sale is sent again.
    return connection.execute(
        """UPDATE billing_attempts
           SET status = 'unknown', error = NULL, reconcile_tries = 0, updated_at = now()
           WHERE upload_id = %s AND status = 'rejected' AND starts_with(coalesce(error, ''), %s)""",
        (upload_id, reason),
    ).rowcount


def adopt(
    connection: psycopg.Connection, attempt_id: int, news: Notification, policy: ReasonPolicy
) -> None:
    """Tie an attempt to its payment, and give the payment's status its effect."""
    connection.execute(
        """UPDATE billing_attempts
           SET status = 'sent', unique_id = %s, error = NULL, updated_at = now()
           WHERE id = %s""",
        (news.unique_id, attempt_id),
    )
    effect.apply(connection, news, datetime.now(UTC), policy, effect.RECONCILIATION)
    # Reasons may have been given for it while nobody knew whose payment it was, and whoever gives
    # one now waits: the effect holds the payment until the commit.
    apply_reasons(connection, news.unique_id, policy)


def _write(connection: psycopg.Connection, attempt_id: int, status: str, error: str) -> None:
    connection.execute(
        "UPDATE billing_attempts SET status = %s, error = %s, updated_at = now() WHERE id = %s",
        (status, error, attempt_id),
    )
