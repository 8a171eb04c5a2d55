"""Bring the database to the newest schema: `python -m reference_app.migrate`.

A migration only expands: the version before goes on working with it. It waits for no lock longer
than a moment, since whoever comes after a waiting ALTER TABLE waits as well; it tries again.
"""

import argparse
import io
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import stamina
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg.errors import LockNotAvailable
from sqlalchemy import URL, Connection, NullPool, create_engine, text
from sqlalchemy.exc import OperationalError

from reference_app.commands import refusals
from reference_app.database import CONNECT_TIMEOUT_S
from reference_app.settings import Settings, load_settings

# Any number, the same for every run: two runs at once wait for each other on it.
_LOCK_ID = 0x7E7_4E4

LOCK_TIMEOUT_MS = 2000
TRIES = 10
PAUSE_S = 1.0


def _is_locked_out(error: Exception) -> bool:
    return isinstance(error, OperationalError) and isinstance(error.orig, LockNotAvailable)


@stamina.retry(on=_is_locked_out, attempts=TRIES, timeout=None, wait_initial=PAUSE_S)
def migrate(settings: Settings) -> None:
    """Upgrade to head, in one transaction: all of it, or nothing."""
    with _begun(settings) as connection:
        # Of the transaction, not of the session: behind a transaction pooler there is no session.
        connection.execute(text("SELECT pg_advisory_xact_lock(:id)"), {"id": _LOCK_ID})
        # After that lock, since another run of this may take its time.
        connection.execute(text(f"SET LOCAL lock_timeout = {LOCK_TIMEOUT_MS}"))
        command.upgrade(_config(connection), "head")


def pending(settings: Settings) -> str:
    """The SQL that `migrate` would run now; nothing where the schema is up to date."""
    with _begun(settings) as connection:
        current = MigrationContext.configure(connection).get_current_revision()
        printed = io.StringIO()
        config = _config(connection)
        config.output_buffer = printed
        if ScriptDirectory.from_config(config).get_current_head() != current:
            command.upgrade(config, f"{current or 'base'}:head", sql=True)
    return printed.getvalue()


@contextmanager
def _begun(settings: Settings) -> Iterator[Connection]:
    engine = create_engine(
        _url(settings),
        poolclass=NullPool,
        connect_args={"prepare_threshold": None, "connect_timeout": CONNECT_TIMEOUT_S},
    )
    with engine.begin() as connection:
        yield connection


def _config(connection: Connection) -> Config:
    config = Config()
    # Alembic's configuration knows %(name)s, so a percent sign of the path must be doubled.
    folder = str(Path(__file__).parent / "migrations").replace("%", "%%")
    config.set_main_option("script_location", folder)
    config.attributes["connection"] = connection
    return config


def _url(settings: Settings) -> URL:
    return URL.create(
        "postgresql+psycopg",
        username=settings.db_username,
        password=settings.db_password.get_secret_value(),
        host=settings.db_host,
        port=settings.db_port,
        database=settings.db_database,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Migrate, or say what that would do."""
    parser = argparse.ArgumentParser(prog="reference_app.migrate", description=__doc__)
    parser.add_argument("--dry-run", action="store_true", help="only print the SQL; may be none")
    chosen = parser.parse_args(arguments)
    with refusals():
        settings = load_settings()
    if chosen.dry_run:
        sys.stdout.write(pending(settings))
    else:
        migrate(settings)
    return 0


if __name__ == "__main__":
    sys.exit(main())
