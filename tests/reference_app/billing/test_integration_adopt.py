"""A debit learns its payment while the payment's chargeback arrives: neither misses the other."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from uuid import uuid4

import psycopg
import pytest

from reference_app.billing import attempts
from reference_app.job_database import JobDatabase
from reference_app.webhooks import effect
from reference_app.webhooks.notification import from_fields
from reference_app.webhooks.reasons import ReasonPolicy

from .conftest import Debtors

POLICY = ReasonPolicy(frozenset({"AC04"}), frozenset(), frozenset())
Step = Callable[[psycopg.Connection], object]

_WAITS = "SELECT cardinality(pg_blocking_pids(%s)) > 0"


def hear(connection: psycopg.Connection, **fields: str) -> None:
    """Give a notification its effect; it does not name the account."""
    effect.apply(connection, from_fields(fields), datetime.now(UTC), POLICY)


def adopt(connection: psycopg.Connection, attempt_id: int, **fields: str) -> None:
    """Tie the attempt to its payment, as the gateway's answer names it."""
    attempts.adopt(connection, attempt_id, from_fields(fields), POLICY)


@pytest.mark.parametrize("debit_is_first", [True, False])
@pytest.mark.parametrize("was_heard_of", [True, False])
def test_a_chargeback_at_the_same_time_blacklists_the_account(
    database: psycopg.Connection,
    job_databases: Callable[[], JobDatabase],
    debtors: Callable[..., Debtors],
    wait_for: Callable[..., None],
    debit_is_first: bool,
    was_heard_of: bool,
) -> None:
    """Two transactions, each begun before the other's end: the later one sees the earlier's."""
    upload, unique_id = debtors(1), uuid4().hex
    row = database.execute(
        """INSERT INTO billing_attempts (debtor_id, upload_id, transaction_id, status)
           VALUES (%s, %s, %s, 'unknown') RETURNING id""",
        (upload.ids[0], upload.id, unique_id),
    ).fetchone()
    assert row
    accepted = {
        "unique_id": unique_id,
        "status": "pending_async",
        "transaction_id": unique_id,
        "amount": "500",
    }
    returned = {"unique_id": unique_id, "status": "chargebacked", "event": "chargeback"}
    if was_heard_of:
        with job_databases().transaction(5_000) as connection:
            hear(connection, **accepted)
    steps: list[Step] = [
        partial(adopt, attempt_id=row[0], **accepted),
        partial(hear, **returned, reason_code="AC04"),
    ]
    first, second = steps if debit_is_first else steps[::-1]
    run_across(job_databases, database, wait_for, first, second)

    assert database.execute(
        """SELECT reason_code FROM blacklisted_ibans
           WHERE iban = (SELECT iban FROM debtors WHERE id = %s)""",
        (upload.ids[0],),
    ).fetchall() == [("AC04",)]


def run_across(
    job_databases: Callable[[], JobDatabase],
    observer: psycopg.Connection,
    wait_for: Callable[..., None],
    first: Step,
    second: Step,
) -> None:
    """The first does all but commit; then the second goes as far as it can, at the same time."""
    pids: list[int] = []

    def run_second() -> None:
        with job_databases().transaction(20_000) as connection:
            # What the client believes to be its server's is the pooler's own.
            pids.extend(row[0] for row in connection.execute("SELECT pg_backend_pid()"))
            second(connection)

    thread = threading.Thread(target=run_second)
    with job_databases().transaction(20_000) as connection:
        first(connection)
        thread.start()
        wait_for(
            lambda: not thread.is_alive() or (pids and waits(observer, pids[0])),
            "the second one has ended, or waits for the first",
        )
    thread.join()


def waits(observer: psycopg.Connection, pid: int) -> bool:
    """Whether that connection waits for another."""
    row = observer.execute(_WAITS, (pid,)).fetchone()
    return bool(row and row[0])
