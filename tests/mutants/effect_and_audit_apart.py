"""What happened is written down before it has happened."""

import psycopg
from psycopg import sql

from reference_app.job_database import LOCK_TIMEOUT_MS, STATEMENT_TIMEOUT_MS
from reference_app.webhooks import effect

DEFECT = "The audit row is committed before the effect, which a kill or an error in between loses."
CAUGHT_BY = "chaos.work_horse_killed"


def patch() -> None:
    """Commit between the two."""
    record = effect._record

    def apart(connection: psycopg.Connection, *rest: object) -> bool:
        first = record(connection, *rest)
        connection.execute("COMMIT")
        connection.execute(
            sql.SQL("BEGIN; SET LOCAL statement_timeout = {}; SET LOCAL lock_timeout = {}").format(
                STATEMENT_TIMEOUT_MS, LOCK_TIMEOUT_MS
            )
        )
        return first

    effect._record = apart
