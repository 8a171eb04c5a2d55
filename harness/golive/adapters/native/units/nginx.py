"""nginx before the API nodes, and the proof that a request gets through it."""

import asyncio
from collections.abc import Iterator
from functools import partial

from golive.adapters.native import health
from golive.adapters.native.site import Site
from golive.adapters.native.unit import Command, Run, Server, Task, Unit

POLL_SECONDS = 0.03


def units(site: Site) -> Iterator[Unit]:
    """Start it, and ask for the service's health through it once all nodes are there."""
    home = site.data("nginx")
    for temporary in ("body", "proxy", "fastcgi", "uwsgi", "scgi"):
        (home / temporary).mkdir(exist_ok=True)
    configuration = site.write(home / "nginx.conf", site.render("nginx/nginx.conf.j2", home=home))
    yield Server(
        role="nginx",
        command=Command(
            arguments=(str(site.program("nginx")), "-p", str(home), "-c", str(configuration)),
            folder=home,
        ),
        healthy=partial(health.listens, site.port("nginx")),
        port=site.port("nginx"),
    )
    yield Task(
        "entrance", partial(_enter, base_url(site)), needs=("nginx", "token", *site.api_roles())
    )


def base_url(site: Site) -> str:
    """Where the deployment is entered."""
    return f"http://{site.address('nginx')}"


async def _enter(url: str, _run: Run) -> None:
    # Nothing tells us when a node is taken for healthy: it has to be asked.
    while not await health.answers_http(f"{url}/health"):  # noqa: ASYNC110
        await asyncio.sleep(POLL_SECONDS)
