"""Bring the database to the newest schema: `python -m reference_app.migrate`."""

import sys
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import URL, Connection, NullPool, create_engine, text

from reference_app.commands import refusals
from reference_app.database import CONNECT_TIMEOUT_S
from reference_app.settings import Settings, load_settings

# Any number, the same for every run: two runs at once wait for each other on it.
_LOCK_ID = 0x7E7_4E4


def migrate(settings: Settings) -> None:
    """Upgrade to head, in one transaction."""
    engine = create_engine(
        _url(settings),
        poolclass=NullPool,
        connect_args={"prepare_threshold": None, "connect_timeout": CONNECT_TIMEOUT_S},
    )
    with engine.begin() as connection:
        # Of the transaction, not of the session: behind a transaction pooler there is no session.
        connection.execute(text("SELECT pg_advisory_xact_lock(:id)"), {"id": _LOCK_ID})
        command.upgrade(_config(connection), "head")


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


def main() -> int:
    """Migrate."""
    with refusals():
        settings = load_settings()
    migrate(settings)
    return 0


if __name__ == "__main__":
    sys.exit(main())
