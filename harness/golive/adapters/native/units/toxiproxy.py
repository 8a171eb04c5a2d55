"""Toxiproxy before every service: the application talks to nothing else, so each can be broken."""

from collections.abc import Iterator, Mapping
from functools import partial

from golive.adapters.native import health
from golive.adapters.native.site import Site
from golive.adapters.native.unit import Command, Server, Unit

# Service, as a target file names it -> the proxy before it.
PROXIES: Mapping[str, str] = {
    "redis_queue": "redis-queue",
    "redis_cache": "redis-cache",
    "postgres": "postgres",
    "s3": "s3",
}


def units(site: Site) -> Iterator[Unit]:
    """Start it with all its proxies."""
    home = site.data("toxiproxy")
    configuration = site.write(home / "toxiproxy.json", proxies(site))
    port = site.port("toxiproxy")
    yield Server(
        role="toxiproxy",
        command=Command(
            arguments=(
                *(str(site.program("toxiproxy")), "-host", "127.0.0.1", "-port", str(port)),
                *("-config", str(configuration)),
            ),
            folder=home,
            # Passing bytes on takes one processor; more of Go's threads wake each other in vain.
            environment={"LOG_LEVEL": "info", "GOMAXPROCS": "1"},
        ),
        healthy=partial(_ready, site),
        port=port,
    )


def proxies(site: Site) -> str:
    """The configuration: a proxy before each service."""
    upstreams = {
        "redis-queue": "redis-queue",
        "redis-cache": "redis-cache",
        "postgres": "pgbouncer" if "pgbouncer" in site.servers else "postgres",
        "s3": "minio",
    }
    return site.render("toxiproxy/toxiproxy.json.j2", upstreams=upstreams, listener=listener)


def listener(proxy: str) -> str:
    """The role under which a proxy's own port is known."""
    return f"proxy:{proxy}"


async def _ready(site: Site) -> bool:
    # The API answers before the proxies of its file listen.
    ports = [site.port("toxiproxy"), *(site.port(listener(one)) for one in PROXIES.values())]
    for port in ports:
        if not await health.listens(port):
            return False
    return True
