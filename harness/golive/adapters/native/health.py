"""Questions that tell whether a server is healthy; a server that does not answer is not, yet."""

import asyncio
import ssl

import httpx
import psycopg
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from golive.adapters.native.ports import LOOPBACK

ANSWER_TIMEOUT_SECONDS = 2.0


async def listens(port: int) -> bool:
    """Something accepts connections."""
    try:
        async with asyncio.timeout(ANSWER_TIMEOUT_SECONDS):
            _, writer = await asyncio.open_connection(LOOPBACK, port)
    except OSError:
        return False
    writer.close()
    return True


async def answers_http(url: str, trusted: ssl.SSLContext | bool = True) -> bool:
    """The URL answers 200."""
    try:
        async with httpx.AsyncClient(
            verify=trusted, timeout=ANSWER_TIMEOUT_SECONDS, trust_env=False
        ) as client:
            return (await client.get(url)).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


async def answers_sql(dsn: str) -> bool:
    """The database answers a query."""
    try:
        async with asyncio.timeout(ANSWER_TIMEOUT_SECONDS):
            async with await psycopg.AsyncConnection.connect(
                dsn, prepare_threshold=None
            ) as connection:
                await connection.execute("select 1")
    except (psycopg.Error, TimeoutError):
        return False
    return True


async def answers_redis(port: int, password: str) -> bool:
    """Redis has loaded its data and answers."""
    try:
        async with redis_client(port, password) as client:
            return bool(await client.ping())
    except (RedisError, OSError):
        return False


async def redis_numbers(port: int, password: str, members: str, field: str) -> frozenset[int]:
    """A number in every hash that a set names; none if Redis does not answer."""
    try:
        async with redis_client(port, password) as client:
            keys = await client.smembers(members)
            values = [await client.hget(key, field) for key in keys]
    except (RedisError, OSError):
        return frozenset()
    return frozenset(int(value) for value in values if value)


def redis_client(port: int, password: str) -> Redis:
    """A client that asks once: who polls needs no retries below."""
    return Redis(
        host=LOOPBACK,
        port=port,
        password=password,
        socket_timeout=ANSWER_TIMEOUT_SECONDS,
        socket_connect_timeout=ANSWER_TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
