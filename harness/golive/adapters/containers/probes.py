"""Whether the server in a container answers; a container that runs may be far from that."""

import asyncio

from docker.errors import APIError

from golive.adapters.containers.engine import engine
from golive.adapters.containers.ground import TOXIPROXY, Ground
from golive.adapters.native import health
from golive.adapters.native.units import gateway, postgres
from golive.adapters.native.units.nginx import base_url

PYTHON_ASKS = "import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=2)"


async def is_healthy(ground: Ground, role: str) -> bool:
    """Ask it."""
    site = ground.outside
    keys = site.credentials
    match role:
        case "postgres":
            return await health.answers_sql(postgres.admin_dsn(site))
        case "pgbouncer":
            return await health.answers_sql(postgres.app_dsn(site, "pgbouncer"))
        case "redis-queue" | "redis-cache":
            password = keys.redis_queue if role == "redis-queue" else keys.redis_cache
            return await health.answers_redis(site.port(role), password)
        case "worker":
            return await _exec(ground, role, "tether", "health_check")
        case "gateway":
            url = f"{gateway.base_url(ground.inside)}/health"
            return await _exec(ground, role, "python3", "-c", PYTHON_ASKS, url)
    return await health.answers_http(_url(ground, role))


def _url(ground: Ground, role: str) -> str:
    site = ground.outside
    if role == "nginx":
        return f"{base_url(site)}/health"
    paths = {"minio": "/minio/health/ready", TOXIPROXY: "/version"}
    return f"http://{site.address(role)}{paths.get(role, '/health')}"


async def _exec(ground: Ground, role: str, *words: str) -> bool:
    return await asyncio.to_thread(_exec_now, ground, role, words)


def _exec_now(ground: Ground, role: str, words: tuple[str, ...]) -> bool:
    with engine(ground.engine) as client:
        container = client.containers.get(ground.container(role))
        try:
            return bool(container.exec_run(list(words)).exit_code == 0)
        except APIError:  # It does not run.
            return False
