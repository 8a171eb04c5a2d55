"""From the spool into Postgres: debtors, refused rows and counts, in the caller's transaction.

The rows are copied into a table of the transaction, where the database decides over the whole file
which are blacklisted or duplicates; deciding it in the worker would hold every row in memory.
"""

from typing import IO, LiteralString
from uuid import UUID

import psycopg
from psycopg import sql

from reference_app.uploads.amounts import CURRENCY
from reference_app.uploads.reading import SPOOL_COLUMNS

LOCK_TIMEOUT_MS = 120_000
"""Longer than another large file of the account takes to be settled."""

_CHUNK_BYTES = 1024 * 1024

# Of the transaction, not of the session: behind a transaction pooler there is no session.
_STAGE = """
CREATE TEMPORARY TABLE staged (
    line integer NOT NULL, iban text, name text, amount_cents bigint, reason text,
    outcome text NOT NULL DEFAULT 'created'
) ON COMMIT DROP"""

_DECIDE: tuple[LiteralString, ...] = (
    "UPDATE staged SET outcome = 'invalid' WHERE reason IS NOT NULL",
    """UPDATE staged SET outcome = 'blacklisted',
           reason = 'IBAN is blacklisted (' || b.reason_code || ')'
       FROM blacklisted_ibans b
       WHERE outcome = 'created' AND b.iban = staged.iban AND b.level = 'block'""",
    """UPDATE staged SET outcome = 'duplicate', reason = 'duplicate of line ' || first.line
       FROM (SELECT iban, amount_cents, min(line) AS line FROM staged WHERE outcome = 'created'
             GROUP BY iban, amount_cents HAVING count(*) > 1) AS first
       WHERE outcome = 'created' AND staged.iban = first.iban
         AND staged.amount_cents = first.amount_cents AND staged.line > first.line""",
    """UPDATE staged SET outcome = 'duplicate', reason = 'duplicate of an earlier upload'
       FROM debtors d JOIN uploads u ON u.id = d.upload_id
       WHERE outcome = 'created' AND d.account = %(account)s AND d.iban = staged.iban
         AND d.amount_cents = staged.amount_cents
         AND u.created_at > now() - make_interval(days => %(days)s)""",
)

_KEEP: tuple[LiteralString, ...] = (
    """INSERT INTO debtors (upload_id, account, line, iban, name, amount_cents, currency)
       SELECT %(upload)s, %(account)s, line, iban, name, amount_cents, %(currency)s
       FROM staged WHERE outcome = 'created' ORDER BY line""",
    """INSERT INTO upload_row_errors (upload_id, line, reason)
       SELECT %(upload)s, line, reason FROM staged WHERE outcome <> 'created'""",
)

_SETTLE = """
UPDATE uploads SET status = 'completed', rows_total = n.total, rows_created = n.created,
    rows_duplicate = n.duplicate, rows_invalid = n.invalid, rows_blacklisted = n.blacklisted,
    headers = NULL, suggested_mapping = NULL, updated_at = now()
FROM (SELECT count(*) AS total, count(*) FILTER (WHERE outcome = 'created') AS created,
             count(*) FILTER (WHERE outcome = 'duplicate') AS duplicate,
             count(*) FILTER (WHERE outcome = 'invalid') AS invalid,
             count(*) FILTER (WHERE outcome = 'blacklisted') AS blacklisted FROM staged) AS n
WHERE id = %(upload)s RETURNING rows_created"""


def settle(
    connection: psycopg.Connection,
    upload_id: UUID,
    account: str,
    spool: IO[bytes],
    duplicate_days: int,
) -> int:
    """Complete the upload; gives the number of debtors."""
    values = {
        "upload": upload_id,
        "account": account,
        "currency": CURRENCY,
        "days": duplicate_days,
    }
    # One file of an account after another: two of the same at once would each miss the other.
    connection.execute("SELECT set_config('lock_timeout', %s, true)", (str(LOCK_TIMEOUT_MS),))
    connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%(account)s, 0))", values)
    connection.execute(_STAGE)
    _copy(connection, spool)
    connection.execute("ANALYZE staged")
    for statement in (*_DECIDE, *_KEEP):
        connection.execute(statement, values)
    row = connection.execute(_SETTLE, values).fetchone()
    return int(row[0]) if row else 0


def _copy(connection: psycopg.Connection, spool: IO[bytes]) -> None:
    spool.seek(0)
    columns = sql.SQL(", ").join(map(sql.Identifier, SPOOL_COLUMNS))
    statement = sql.SQL("COPY staged ({}) FROM STDIN").format(columns)
    with connection.cursor().copy(statement) as copy:
        while chunk := spool.read(_CHUNK_BYTES):
            copy.write(chunk)
