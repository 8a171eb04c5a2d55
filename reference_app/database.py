"""Postgres for the API: pooled, safe behind transaction pooling, and never waited for long."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import LiteralString, TypeVar

import psycopg
from psycopg import AsyncConnection
from psycopg.conninfo import make_conninfo
from psycopg.rows import AsyncRowFactory
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from reference_app.http.problems import UnavailableError
from reference_app.settings import Settings

CONNECT_TIMEOUT_S = 2
POOL_WAIT_S = 2.0
RECONNECT_TIMEOUT_S = 3.0
QUERY_TIMEOUT_S = 3.0
POOL_MIN, POOL_MAX = 1, 10

T = TypeVar("T")


def conninfo(settings: Settings) -> str:
    """The connection string. Nothing in it needs a session: a pooler may stand in between."""
    return make_conninfo(
        host=settings.db_host,
        port=settings.db_port,
        dbname=settings.db_database,
        user=settings.db_username,
        password=settings.db_password.get_secret_value(),
        connect_timeout=CONNECT_TIMEOUT_S,
        application_name=f"tether-{settings.node_name}"[:63],
        keepalives_idle=10,
        tcp_user_timeout=10_000,
    )


class Database:
    """A pool of connections that raises UnavailableError instead of waiting."""

    def __init__(self, settings: Settings) -> None:
        self._pool = AsyncConnectionPool(
            conninfo(settings),
            open=False,
            min_size=POOL_MIN,
            max_size=POOL_MAX,
            timeout=POOL_WAIT_S,
            reconnect_timeout=RECONNECT_TIMEOUT_S,
            # Prepared statements live in a session, and a transaction pooler gives another one
            # to every transaction.
            kwargs={"prepare_threshold": None, "autocommit": True},
            check=AsyncConnectionPool.check_connection,
        )

    async def open(self) -> None:
        """Start connecting in the background: the API starts even when Postgres is away."""
        await self._pool.open(wait=False)

    async def close(self) -> None:
        """Close all connections."""
        await self._pool.close(timeout=2.0)

    def pool_stats(self) -> dict[str, int]:
        """How much of the pool is in use, for the metrics."""
        return self._pool.get_stats()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection]:
        """One connection, in autocommit."""
        try:
            async with self._pool.connection() as connection:
                yield connection
        except (PoolTimeout, psycopg.OperationalError, psycopg.InterfaceError) as error:
            raise UnavailableError("postgres") from error

    async def execute(self, statement: LiteralString, *values: object) -> None:
        """Run one statement, in bounded time."""
        await within(QUERY_TIMEOUT_S, "postgres", self._execute(statement, values))

    async def fetch(
        self, row: AsyncRowFactory[T], query: LiteralString, *values: object
    ) -> list[T]:
        """All rows of one query, in bounded time."""
        return await within(QUERY_TIMEOUT_S, "postgres", self._fetch(row, query, values))

    async def _execute(self, statement: LiteralString, values: tuple[object, ...]) -> None:
        async with self.connection() as connection:
            await connection.execute(statement, values)

    async def _fetch(
        self, row: AsyncRowFactory[T], query: LiteralString, values: tuple[object, ...]
    ) -> list[T]:
        async with self.connection() as connection:
            cursor = connection.cursor(row_factory=row)
            await cursor.execute(query, values)
            return await cursor.fetchall()


async def within(seconds: float, service: str, work: Coroutine[None, None, T]) -> T:
    """Await the work, but walk away after the given time.

    `asyncio.timeout` would wait for the cancelled query to be cancelled on the server as well,
    which a frozen server never does.
    """
    task = asyncio.ensure_future(work)
    done, _ = await asyncio.wait({task}, timeout=seconds)
    if not done:
        task.cancel()
        task.add_done_callback(_forget)
        raise UnavailableError(service)
    return task.result()


def _forget(task: asyncio.Task[T]) -> None:
    if not task.cancelled():
        task.exception()
