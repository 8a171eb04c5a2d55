"""The target's database by psycopg: the target file's own queries, in read-only transactions."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg

from golive.adapters.amounts import cents
from golive.adapters.dsn import UNCLEAR, splits_password
from golive.errors import UnobservableError, UnreachableError
from golive.model.facts import Scalar
from golive.model.ports import Debtor, LoggedEffect, Recorder
from golive.model.target import ObserveSql

CONNECT_TIMEOUT_SECONDS = 4
STATEMENT_TIMEOUT_SECONDS = 5
SERVES_NOBODY = (
    *("starting up", "shutting down", "recovery mode", "not accepting connections"),
    *("too many", "remaining connection slots", "terminating connection"),
    # pgBouncer's words for a server that it does not reach.
    *("server_login", "query_wait", "client_login_timeout", "server down", "cannot connect"),
    "login has been failing",
)
CONNECTIONS = "select count(*) from pg_stat_activity where datname = current_database()"
WRONG_DSN = ("invalid ", "definition of service", "no password supplied")

# `:name`, but not the second colon of a cast (`::text`).
_PARAMETER = re.compile(r"(?<![:\w]):([a-z_]+)")


def driver_query(query: str) -> str:
    """A query with `:name` parameters in psycopg's spelling."""
    return _PARAMETER.sub(r"%(\1)s", query.replace("%", "%%"))


class SqlAdapter:
    """Questions of one step to the database."""

    def __init__(
        self, connection: psycopg.Connection, section: ObserveSql, recorder: Recorder
    ) -> None:
        self._connection = connection
        self._section = section
        self._recorder = recorder

    def effects(self, unique_id: str) -> int:
        """How often the effect of a notification was applied."""
        rows = self._ask("effects", self._section.effects, unique_id=unique_id)
        return int(rows[0][0])

    def state(self, unique_id: str) -> str | None:
        """The state of a notification's transaction, None where there is none."""
        rows = self._ask("state", self._section.state, unique_id=unique_id)
        return str(rows[0][0]) if rows else None

    def effect_log(self, unique_ids: Sequence[str]) -> tuple[LoggedEffect, ...]:
        """Every effect of these notifications, how long ago by the database's clock, and the state
        that their payment is in.
        """
        rows = self._ask("effect_log", self._section.effect_log, unique_ids=list(unique_ids))
        now = self._ask("now", "select clock_timestamp()")[0][0]
        return tuple(
            LoggedEffect(str(row[0]), (now - row[1]).total_seconds(), str(row[2] or ""))
            for row in rows
        )

    def debtors(self, upload_id: str) -> tuple[Debtor, ...]:
        """The debtors of an upload in the query's order."""
        rows = self._ask("debtors", self._section.debtors, id=upload_id)
        return tuple(
            Debtor(str(iban).strip(), str(name), cents(amount, self._section.unit))
            for iban, name, amount in rows
        )

    def object_key(self, upload_id: str) -> str | None:
        """The object's key of an upload, None where there is none."""
        rows = self._ask("object_key", self._section.object_key, id=upload_id)
        return str(rows[0][0]) if rows else None

    def first(self, question: str, query: str, **parameters: str) -> Scalar:
        """The first column of the first row of a query, None where there is no row."""
        rows = self._ask(question, query, **parameters)
        value = rows[0][0] if rows else None
        return value if isinstance(value, str | int | float | bool | None) else str(value)

    def connections(self) -> int:
        """How many connections the database has now, our own among them."""
        rows = self._ask("connections", CONNECTIONS)
        return int(rows[0][0])

    def ping(self) -> None:
        """Ask whether the database answers."""
        self._ask("ping", "select 1")

    def _ask(self, question: str, query: str | None, **parameters: Any) -> list[tuple[Any, ...]]:
        if query is None:
            raise LookupError(f"the target file does not say observe.sql.{question}")
        told = {name: value for name, value in parameters.items() if isinstance(value, str)}
        with self._recorder.operation(f"SQL {question}", **told) as operation:
            try:
                rows = self._fetch(driver_query(query), parameters)
            except psycopg.Error as error:
                operation.fail(error=str(error).strip())
                raise _sorted_out(error, f"SQL {question}") from error
            operation.ok(rows=len(rows))
        return rows

    def _fetch(self, query: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        with self._connection.transaction(), self._connection.cursor() as cursor:
            cursor.execute(f"set local statement_timeout = '{STATEMENT_TIMEOUT_SECONDS}s'")
            cursor.execute(query, parameters)
            return cursor.fetchall()


def connect(dsn: str) -> psycopg.Connection:
    """A read-only connection, good through a transaction pool too.

    Raises UnreachableError, or UnobservableError where it is the DSN that is wrong.
    """
    if splits_password(dsn):
        raise UnobservableError("SQL", UNCLEAR)
    try:
        connection = psycopg.connect(
            dsn, connect_timeout=CONNECT_TIMEOUT_SECONDS, prepare_threshold=None
        )
    except psycopg.ProgrammingError:
        # The driver's sentence quotes what it cannot read, and that may hold a password.
        raise UnobservableError("SQL", "the DSN is no connection string") from None
    except psycopg.OperationalError as error:
        raise _sorted_out(error, f"SQL {_address(dsn)}") from error
    connection.read_only = True
    return connection


def _sorted_out(error: psycopg.Error, place: str) -> UnreachableError | UnobservableError:
    """Whether the database is away, or only does not let us look."""
    reason = str(error).strip()
    away = isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    if isinstance(error, psycopg.errors.QueryCanceled) or not away:
        return UnobservableError(place, reason)
    # The driver gives a refused connection no code, only the server's sentence: the server is
    # there, and what it says is about us, unless it says that it cannot serve anybody.
    about_us = "FATAL" in reason and not any(words in reason for words in SERVES_NOBODY)
    if about_us or any(words in reason for words in WRONG_DSN):
        return UnobservableError(place, reason)
    return UnreachableError("sql", place, reason)


def _address(dsn: str) -> str:
    facts = psycopg.conninfo.conninfo_to_dict(dsn)
    return f"{facts.get('host', 'localhost')}:{facts.get('port', 5432)}"
