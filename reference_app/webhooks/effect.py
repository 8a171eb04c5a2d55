"""What a notification does: its audit row and the payment's state, in one transaction."""

from datetime import datetime

import psycopg
import structlog
from psycopg.types.json import Jsonb

from reference_app.webhooks.notification import Notification, from_fields
from reference_app.webhooks.reasons import ReasonPolicy, apply_reasons
from reference_app.webhooks.statuses import UNKNOWN, PaymentState, state_of

WEBHOOK, RECONCILIATION = "webhook", "reconciliation"

_FILL = """
UPDATE payments SET transaction_id = coalesce(transaction_id, %s),
    amount_cents = coalesce(amount_cents, %s)
WHERE unique_id = %s AND (transaction_id IS NULL OR amount_cents IS NULL)"""

log = structlog.get_logger("webhooks")


def apply(
    connection: psycopg.Connection,
    notification: Notification,
    received_at: datetime,
    policy: ReasonPolicy,
    source: str = WEBHOOK,
) -> bool:
    """Give the notification its effect once; False when it had it already.

    The unique key of the audit row decides, so it holds whatever Redis forgot or repeated.
    """
    state = state_of(notification) if notification.kind.moves_payment else None
    if not _record(connection, notification, received_at, state, source):
        if source == WEBHOOK:
            _compare(connection, notification)
        _complete(connection, notification, policy)
        return False
    if state:
        handle_transaction(connection, notification, state)
    if notification.reason_code:
        handle_chargeback(connection, notification, policy)
    return True


def handle_transaction(
    connection: psycopg.Connection, notification: Notification, incoming: PaymentState
) -> None:
    """Move the payment, forwards only: any order of the same notifications ends alike."""
    if incoming.status == UNKNOWN:
        log.error("unknown_status", unique_id=notification.unique_id, status=notification.status)
    values = (
        notification.unique_id,
        incoming.status,
        incoming.gateway_status,
        incoming.event,
        notification.transaction_id,
        notification.amount_cents,
        notification.reason_code,
    )
    # Either way the row is ours until the commit; another transaction at it is waited for.
    inserted = connection.execute(
        """INSERT INTO payments (unique_id, status, gateway_status, event, transaction_id,
                                 amount_cents, reason_code, updated_at)
           VALUES (%s, %s, %s, %s, %s, %s, %s, now())
           ON CONFLICT (unique_id) DO NOTHING RETURNING 1""",
        values,
    ).fetchone()
    if not inserted:
        _strengthen(connection, incoming, values)


def _strengthen(
    connection: psycopg.Connection, incoming: PaymentState, values: tuple[object, ...]
) -> None:
    unique_id, *changed = values
    row = connection.execute(
        "SELECT status, gateway_status, event FROM payments WHERE unique_id = %s FOR UPDATE",
        (unique_id,),
    ).fetchone()
    current = PaymentState(*row) if row else PaymentState(UNKNOWN)
    if incoming.strength() <= current.strength():
        log.info("late_status_kept_out", unique_id=unique_id, current=current.status)
        *_decided, transaction_id, amount_cents, _reason_code = changed
        connection.execute(_FILL, (transaction_id, amount_cents, unique_id))
        return
    # What was asked for does not always name the merchant's id and the amount; others did.
    connection.execute(
        """UPDATE payments SET status = %s, gateway_status = %s, event = %s,
               transaction_id = coalesce(%s, transaction_id),
               amount_cents = coalesce(%s, amount_cents), reason_code = %s, updated_at = now()
           WHERE unique_id = %s""",
        (*changed, unique_id),
    )


def _complete(
    connection: psycopg.Connection, notification: Notification, policy: ReasonPolicy
) -> None:
    """A known event, but what was asked for lacks what is announced: reason, account, our id."""
    identity = (notification.unique_id, notification.event, notification.status)
    lock_payment(connection, notification.unique_id)
    connection.execute(
        _FILL, (notification.transaction_id, notification.amount_cents, notification.unique_id)
    )
    fields = dict(notification.fields)
    learnt = connection.execute(
        """UPDATE webhook_events
           SET reason_code = coalesce(reason_code, %(code)s), reason = coalesce(reason, %(reason)s),
               payload = payload || %(fields)s
           WHERE unique_id = %(unique_id)s AND event = %(event)s AND status = %(status)s
             AND (reason_code IS NULL AND %(code)s::text IS NOT NULL
                  OR source = %(asked)s AND NOT payload ?& %(names)s) RETURNING 1""",
        {
            "code": notification.reason_code,
            "reason": notification.reason,
            "fields": Jsonb(fields),
            "unique_id": notification.unique_id,
            "event": notification.event,
            "status": notification.status,
            "asked": RECONCILIATION,
            "names": list(fields),
        },
    ).fetchone()
    if not learnt:
        return
    connection.execute(
        """UPDATE payments SET reason_code = %s
           WHERE unique_id = %s AND event = %s AND gateway_status = %s AND reason_code IS NULL""",
        (notification.reason_code, *identity),
    )
    handle_chargeback(connection, notification, policy)


def lock_payment(connection: psycopg.Connection, unique_id: str) -> None:
    """Wait for others at this payment and keep them out until the commit; see apply_reasons."""
    connection.execute("SELECT 1 FROM payments WHERE unique_id = %s FOR UPDATE", (unique_id,))


def handle_chargeback(
    connection: psycopg.Connection, notification: Notification, policy: ReasonPolicy
) -> None:
    """A debit came back, as a chargeback or refused at once: blacklist the account, tell people."""
    if notification.reason_code in policy.own_fault:
        log.error(
            "debit_was_our_fault",
            unique_id=notification.unique_id,
            reason_code=notification.reason_code,
        )
    apply_reasons(connection, notification.unique_id, policy)


def _record(
    connection: psycopg.Connection,
    notification: Notification,
    received_at: datetime,
    state: PaymentState | None,
    source: str,
) -> bool:
    cursor = connection.execute(
        """INSERT INTO webhook_events (unique_id, event, status, kind, source, payment_status,
               transaction_id, transaction_type, amount_cents, reason_code, reason, payload,
               received_at, processed_at)
           VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, clock_timestamp())
           ON CONFLICT (unique_id, event, status) DO NOTHING
           RETURNING id""",
        (
            notification.unique_id,
            notification.event,
            notification.status,
            notification.kind.name,
            source,
            state.status if state else None,
            notification.transaction_id,
            notification.transaction_type,
            notification.amount_cents,
            notification.reason_code,
            notification.reason,
            Jsonb(dict(notification.fields)),
            received_at,
        ),
    )
    return cursor.fetchone() is not None


def _compare(connection: psycopg.Connection, repeated: Notification) -> None:
    """Say so when a repetition, long after its claim was forgotten, differs from the first."""
    row = connection.execute(
        """SELECT payload, source FROM webhook_events
           WHERE unique_id = %s AND event = %s AND status = %s""",
        (repeated.unique_id, repeated.event, repeated.status),
    ).fetchone()
    # What was asked for instead of announced has other fields, and proves nothing.
    if row and row[1] == WEBHOOK and from_fields(row[0]).terms != repeated.terms:
        log.error("conflicting_notification", unique_id=repeated.unique_id, status=repeated.status)
