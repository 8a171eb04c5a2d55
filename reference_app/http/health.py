"""/health: the process answers. /health/ready: what it needs answers too, within a second."""

import asyncio
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from http import HTTPStatus

import psycopg
from redis.exceptions import RedisError

from reference_app import __version__
from reference_app.database import within
from reference_app.http.handler import BaseHandler
from reference_app.http.problems import RETRY_AFTER_SECONDS, UnavailableError
from reference_app.queueing.figures import QueueFigures, long_wait_s
from reference_app.queueing.policies import DEFAULT, WEBHOOKS
from reference_app.services import Services

PROBE_BUDGET_S = 0.9


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
    # Asked for once, for two of them; neither may take it from the other by giving up.
    figures = asyncio.ensure_future(services.queue.figures())
    asks: dict[str, Coroutine[None, None, str]] = {
        "redis": _ask_redis(services),
        "postgres": _ask_postgres(services),
        "minio": _ask_bucket(services),
        "workers": _ask_workers(figures),
        "queues": _ask_queues(services, figures),
    }
    return await asyncio.gather(*(_probe(name, ask) for name, ask in asks.items()))


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


async def _ask_workers(asked: asyncio.Future[list[QueueFigures]]) -> str:
    figures = await asyncio.shield(asked)
    said = ", ".join(f"{one.name}: {one.workers}" for one in figures)
    required = {WEBHOOKS.name, DEFAULT.name}
    if not all(one.workers for one in figures if one.name in required):
        raise _NotOkError(said)
    return said


async def _ask_queues(services: Services, asked: asyncio.Future[list[QueueFigures]]) -> str:
    # A long wait is told, not refused for: taking this node away would make nothing faster.
    return ", ".join(_describe(one, services) for one in await asyncio.shield(asked))


def _describe(one: QueueFigures, services: Services) -> str:
    marks = [
        " (long wait)" * (one.oldest_s > long_wait_s(services.settings, one.name)),
        " (paused)" * one.paused,
    ]
    return f"{one.name}: {one.waiting} waiting, oldest {one.oldest_s:.0f} s{''.join(marks)}"
