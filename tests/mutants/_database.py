"""Statements of the service altered on their way, and others added to its migration."""

from collections.abc import Callable, Sequence

import psycopg
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from reference_app.webhooks import effect

UNIQUE = "ON CONFLICT (unique_id, event, status) DO NOTHING"
CONSTRAINT = "webhook_events_unique_id_event_status_key"


class Altered:
    """A connection that says one thing where the service says another."""

    def __init__(self, connection: psycopg.Connection, right: str, wrong: str) -> None:
        self._connection, self._right, self._wrong = connection, right, wrong

    def execute(self, statement: str, values: Sequence[object]) -> psycopg.Cursor:
        """Run the statement, altered."""
        assert self._right in statement
        return self._connection.execute(statement.replace(self._right, self._wrong), values)


def record_otherwise(wrong: str) -> None:
    """Let the audit row be written with another clause in place of the one that keeps it unique."""
    record = effect._record

    def otherwise(connection: psycopg.Connection, *rest: object) -> bool:
        return record(Altered(connection, UNIQUE, wrong), *rest)

    effect._record = otherwise


def migrate_further(*statements: str) -> None:
    """Run these once the schema is there, in the same transaction."""
    upgrade: Callable[[Config, str], None] = command.upgrade

    def further(config: Config, revision: str) -> None:
        upgrade(config, revision)
        for statement in statements:
            config.attributes["connection"].execute(text(statement))

    command.upgrade = further


def forget_uniqueness() -> None:
    """Let nothing in Postgres keep an event from being written twice."""
    migrate_further(f"ALTER TABLE webhook_events DROP CONSTRAINT IF EXISTS {CONSTRAINT}")
    record_otherwise("")
