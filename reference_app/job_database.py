"""Postgres for the jobs: one connection kept per process, one bounded transaction per effect."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
from psycopg import sql

from reference_app.database import conninfo
from reference_app.settings import Settings

STATEMENT_TIMEOUT_MS = 10_000
"""For what has no reason of its own to take longer, or shorter."""
LOCK_TIMEOUT_MS = 5_000


class JobDatabase:
    """A connection that is opened when first needed and again when it broke."""

    def __init__(self, settings: Settings) -> None:
        self._conninfo = conninfo(settings)
        self._connection: psycopg.Connection | None = None
        self._owner_pid = 0

    @contextmanager
    def transaction(
        self, statement_timeout_ms: int = STATEMENT_TIMEOUT_MS
    ) -> Iterator[psycopg.Connection]:
        """One transaction; commits on leaving, rolls back on an exception."""
        connection = self._begin(statement_timeout_ms)
        try:
            yield connection
        except BaseException:
            with suppress(psycopg.Error):
                connection.rollback()
            raise
        connection.commit()

    def _begin(self, statement_timeout_ms: int) -> psycopg.Connection:
        try:
            return self._limited(self._connected(), statement_timeout_ms)
        except psycopg.OperationalError:
            # A kept connection may have died while idle. Nothing has been done yet, so one fresh
            # connection is tried before the job is left to its retries.
            self.close()
            return self._limited(self._connected(), statement_timeout_ms)

    def _limited(
        self, connection: psycopg.Connection, statement_timeout_ms: int
    ) -> psycopg.Connection:
        # Local to the transaction: a session setting would stay with the pooler's connection and
        # hit whoever gets it next. In one round trip: a short job has only a handful of them.
        connection.execute(
            sql.SQL("BEGIN; SET LOCAL statement_timeout = {}; SET LOCAL lock_timeout = {}").format(
                statement_timeout_ms, LOCK_TIMEOUT_MS
            )
        )
        return connection

    def _connected(self) -> psycopg.Connection:
        # After a fork the parent's socket must not be touched, not even to close it.
        if self._owner_pid != os.getpid():
            self._connection = None
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(
                self._conninfo, prepare_threshold=None, autocommit=True
            )
            self._owner_pid = os.getpid()
        return self._connection

    def close(self) -> None:
        """Close the connection; the next transaction opens another."""
        if self._connection is not None:
            with suppress(psycopg.Error):
                self._connection.close()
        self._connection = None
