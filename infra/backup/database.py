"""The database: `pg_dump` into a stream, `pg_restore` out of one, and sums over its tables."""

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from infra.backup import streams
from infra.backup.manifest import Table
from infra.backup.settings import BackupError, Settings

DUMP = "database.dump"
NOT_OURS = frozenset({"alembic_version", "api_tokens", "sync_cursors"})
"""What a deployment has rows in that nobody has used yet."""

_TABLES = """select table_name::text from information_schema.tables
    where table_schema = 'public' and table_type = 'BASE TABLE' order by 1"""
# Of every row the first 60 bits of its MD5, added up: rows have no order, and nothing is sorted.
_SUM = """select count(*), coalesce(sum(('x' || left(md5(t::text), 15))::bit(60)::bigint), 0)::text
    from {} t"""
_LIBPQ = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
}


@contextmanager
def snapshot(settings: Settings) -> Iterator[psycopg.Connection]:
    """A connection that sees one moment of the database."""
    with _connected(settings) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        # How rows are written as text must not depend on where they are.
        connection.execute("set local timezone = 'UTC'")
        yield connection


def tables(connection: psycopg.Connection) -> Mapping[str, Table]:
    """Every table with its sum."""
    names = [name for (name,) in connection.execute(_TABLES).fetchall()]
    found = {}
    for name in names:
        row = connection.execute(sql.SQL(_SUM).format(sql.Identifier(name))).fetchone()
        assert row is not None  # noqa: S101 - an aggregate has one row
        found[name] = Table(*row)
    return found


def size_bytes(connection: psycopg.Connection) -> int:
    """How large the database is at most."""
    row = connection.execute("select pg_database_size(current_database())").fetchone()
    return int(row[0]) if row else 0


def version(connection: psycopg.Connection) -> str:
    """PostgreSQL's."""
    number = connection.info.server_version
    return f"{number // 10_000}.{number % 10_000}"


def dump(settings: Settings, connection: psycopg.Connection, file: Path) -> None:
    """Write the moment that the connection sees."""
    row = connection.execute("select pg_export_snapshot()").fetchone()
    words = ["--format=custom", f"--snapshot={row[0] if row else ''}"]
    with _program(settings, "pg_dump", words, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None  # noqa: S101 - it was asked for
        streams.store(process.stdout, file, settings)


def require_empty(settings: Settings) -> None:
    """Raise BackupError where a restore would replace anything."""
    with snapshot(settings) as connection:
        full = [
            name
            for name, table in tables(connection).items()
            if table.rows and name not in NOT_OURS
        ]
    if full:
        raise BackupError(f"the database is not empty, and is left as it is: {', '.join(full)}")


def restore(settings: Settings, file: Path) -> None:
    """Replace all tables, in one transaction: all of it, or nothing."""
    name = conninfo_to_dict(settings.database_url).get("dbname")
    words = ["--clean", "--if-exists", "--single-transaction", "--exit-on-error"]
    words.append(f"--dbname={name}")
    with _program(settings, "pg_restore", words, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None  # noqa: S101 - it was asked for
        streams.load(file, process.stdin, settings)


@contextmanager
def _connected(settings: Settings) -> Iterator[psycopg.Connection]:
    try:
        with psycopg.connect(settings.database_url, connect_timeout=10) as connection:
            yield connection
    except psycopg.OperationalError as error:
        # Its text may spell out the connection.
        raise BackupError(f"the database is not available: {type(error).__name__}") from None


@contextmanager
def _program(
    settings: Settings, name: str, words: list[str], **streams_of: int
) -> Iterator[subprocess.Popen[bytes]]:
    """A program of PostgreSQL; the password goes by the environment, which only we can read."""
    known = conninfo_to_dict(settings.database_url)
    environment = {_LIBPQ[key]: str(known[key]) for key in _LIBPQ if known.get(key)}
    program = str(settings.programs / name) if settings.programs else name
    try:
        process = subprocess.Popen(
            [program, *words],
            env={**os.environ, **environment},
            stderr=subprocess.PIPE,
            **streams_of,  # type: ignore[call-overload]
        )
    except OSError as error:
        raise BackupError(f"{program} cannot be run: {error.strerror}") from None
    with process:
        try:
            yield process
        except BrokenPipeError:
            """It says below why it has ended."""
        except BaseException:
            process.kill()
            raise
        _, said = process.communicate()
    if process.returncode != 0:
        raise BackupError(f"{name} failed: {said.decode(errors='replace').strip()}")
