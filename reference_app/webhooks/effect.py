"""What a notification does: its audit row and the payment's state, in one transaction."""

from datetime import datetime

import psycopg
import structlog
from psycopg.types.json import Jsonb

from reference_app.webhooks.notification import Notification
from reference_app.webhooks.statuses import UNKNOWN, map_emp_status, stronger

log = structlog.get_logger("webhooks")


def apply(
    connection: psycopg.Connection,
    notification: Notification,
    received_at: datetime,
    source: str = "webhook",
) -> bool:
    """Give the notification its effect once; False when it had it already.

    The unique key of the audit row decides, so it holds whatever Redis forgot or repeated.
    """
    if not _record(connection, notification, received_at, source):
        return False
    _move_payment(connection, notification)
    return True


def _record(
    connection: psycopg.Connection, notification: Notification, received_at: datetime, source: str
) -> bool:
    cursor = connection.execute(
        """INSERT INTO webhook_events (unique_id, event, status, transaction_id, transaction_type,
                                       amount_cents, payload, received_at, processed_at,
                                       source)
           VALUES (%s, %s, %s, %s, %s, %s, %s, %s, clock_timestamp(), %s)
           ON CONFLICT (unique_id, event, status) DO NOTHING
           RETURNING id""",
        (
            notification.unique_id,
            notification.event,
            notification.status,
            notification.transaction_id,
            notification.transaction_type,
            notification.amount_cents,
            Jsonb(dict(notification.fields)),
            received_at,
            source,
        ),
    )
    return cursor.fetchone() is not None


def _move_payment(connection: psycopg.Connection, notification: Notification) -> None:
    incoming = map_emp_status(notification.status)
    if incoming == UNKNOWN:
        log.warning("unknown_status", unique_id=notification.unique_id, status=notification.status)
    inserted = connection.execute(
        """INSERT INTO payments (unique_id, status, transaction_id, amount_cents, updated_at)
           VALUES (%s, %s, %s, %s, now())
           ON CONFLICT (unique_id) DO NOTHING RETURNING status""",
        (notification.unique_id, incoming, notification.transaction_id, notification.amount_cents),
    ).fetchone()
    if not inserted:
        _strengthen(connection, notification.unique_id, incoming)


def _strengthen(connection: psycopg.Connection, unique_id: str, incoming: str) -> None:
    row = connection.execute(
        "SELECT status FROM payments WHERE unique_id = %s FOR UPDATE", (unique_id,)
    ).fetchone()
    current = str(row[0]) if row else UNKNOWN
    if stronger(current, incoming) != current:
        connection.execute(
            "UPDATE payments SET status = %s, updated_at = now() WHERE unique_id = %s",
            (incoming, unique_id),
        )
    elif current != incoming:
        log.info("late_status_kept_out", unique_id=unique_id, current=current, late=incoming)
