"""/health: the process answers. /health/ready: what it needs answers too, within a second."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import cast

import psycopg
from redis.exceptions import RedisError
from rq.utils import utcparse

from reference_app import __version__
from reference_app.database import within
from reference_app.http.handler import BaseHandler
from reference_app.http.problems import RETRY_AFTER_SECONDS, UnavailableError
from reference_app.queueing.policies import DEFAULT, WEBHOOKS
from reference_app.services import Services

PROBE_BUDGET_S = 0.9
WORKER_SILENCE_S = 30.0
"""A worker beats every few seconds, idle or busy; after this long without a beat it is gone."""


@dataclass(frozen=True)
class Probe:
    """What one dependency said."""

    name: str
    ok: bool
    latency_ms: float
    detail: str


class HealthHandler(BaseHandler):
    """Liveness."""

    async def get(self) -> None:
        """Say that this process answers, and which one it is."""
        node = self.services.settings.node_name
        self.write_json({"status": "ok", "node": node, "version": __version__})


class ReadinessHandler(BaseHandler):
    """Readiness."""

    async def get(self) -> None:
        """Ask everything this node needs, at once; not ready while leaving."""
        probes = await probe_all(self.services)
        draining = self.services.lifecycle.draining
        ready = not draining and all(probe.ok for probe in probes)
        if not ready:
            self.set_header("Retry-After", str(RETRY_AFTER_SECONDS))
        document = {
            "status": "draining" if draining else "ok" if ready else "unavailable",
            "node": self.services.settings.node_name,
            "checks": {
                probe.name: {
                    "ok": probe.ok,
                    "latency_ms": probe.latency_ms,
                    "detail": probe.detail,
                }
                for probe in probes
            },
        }
        self.write_json(document, HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE)


async def probe_all(services: Services) -> list[Probe]:
    """Ask all dependencies side by side."""
    asks: dict[str, Callable[[Services], Coroutine[None, None, str]]] = {
        "redis": _ask_redis,
        "postgres": _ask_postgres,
        "minio": _ask_bucket,
        "workers": _ask_workers,
    }
    return await asyncio.gather(*(_probe(name, ask(services)) for name, ask in asks.items()))


class _NotOkError(Exception):
    """The dependency answered, and the answer is no."""


async def _probe(name: str, ask: Coroutine[None, None, str]) -> Probe:
    started = time.perf_counter()
    try:
        detail, ok = await within(PROBE_BUDGET_S, name, ask), True
    except _NotOkError as answer:
        detail, ok = str(answer), False
    except (UnavailableError, RedisError, psycopg.Error, OSError) as error:
        detail, ok = type(error).__name__, False
    return Probe(name, ok, round((time.perf_counter() - started) * 1000, 2), detail)


async def _ask_redis(services: Services) -> str:
    await services.queue.redis.ping()
    return "answers"


async def _ask_postgres(services: Services) -> str:
    async with services.database.connection() as connection:
        await connection.execute("SELECT 1 FROM uploads LIMIT 1")
    return "answers"


async def _ask_bucket(services: Services) -> str:
    if not await services.probe_threads.run(services.probe_bucket.exists):
        raise _NotOkError("there is no such bucket")
    return "answers"


async def _ask_workers(services: Services) -> str:
    alive = {
        policy.name: await _workers_alive(services, policy.name) for policy in (WEBHOOKS, DEFAULT)
    }
    said = ", ".join(f"{queue}: {count}" for queue, count in alive.items())
    if not all(alive.values()):
        raise _NotOkError(said)
    return said


async def _workers_alive(services: Services, queue: str) -> int:
    redis = services.queue.redis
    keys = await cast("Awaitable[set[bytes]]", redis.smembers(f"rq:workers:{queue}"))
    pipeline = redis.pipeline(transaction=False)
    for key in keys:
        pipeline.hget(key, "last_heartbeat")
    beats = await pipeline.execute() if keys else []
    now = datetime.now(UTC)
    return sum(
        1 for b in beats if b and (now - utcparse(b.decode())).total_seconds() < WORKER_SILENCE_S
    )
