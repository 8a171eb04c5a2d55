"""Redis twice: the queue keeps everything, the cache forgets what it must."""

from collections.abc import Iterator
from functools import partial

from golive.adapters.native import health
from golive.adapters.native.site import Site
from golive.adapters.native.unit import Command, Server, Unit

OBSERVER = "golive_observer"


def units(site: Site) -> Iterator[Unit]:
    """Start both."""
    credentials = site.credentials
    yield _server(site, "queue", credentials.redis_queue, credentials.redis_queue_observer)
    yield _server(site, "cache", credentials.redis_cache, credentials.redis_cache_observer)


def _server(site: Site, purpose: str, password: str, observer_password: str) -> Server:
    role = f"redis-{purpose}"
    home = site.data(role)
    text = site.render(
        f"redis/{purpose}.conf.j2",
        role=role,
        home=home,
        password=password,
        observer=OBSERVER,
        observer_password=observer_password,
    )
    configuration = site.write(home / "redis.conf", text)
    return Server(
        role=role,
        command=Command(
            (str(site.program("redis")), str(configuration)),
            folder=home,
            data=home / "appendonlydir",
        ),
        healthy=partial(health.answers_redis, site.port(role), password),
        port=site.port(role),
    )
