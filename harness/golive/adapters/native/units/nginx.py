"""nginx before the API nodes, and the proof that a request gets through it."""

import asyncio
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import trustme

from golive.adapters.native import health
from golive.adapters.native.ports import LOOPBACK
from golive.adapters.native.site import Site
from golive.adapters.native.unit import Command, Run, Server, Task, Unit

POLL_SECONDS = 0.03
FOLDERS = ("out", "body", "proxy", "fastcgi", "uwsgi", "scgi", "challenges")


@dataclass(frozen=True)
class Tls:
    """What the template is told."""

    certificate: Path
    key: Path
    listen_plain: str
    challenges: Path


def units(site: Site) -> Iterator[Unit]:
    """Start it, and ask for the service's health through it once all nodes are there."""
    home = site.data("nginx")
    for folder in FOLDERS:
        (home / folder).mkdir(exist_ok=True)
    text = configuration(site, home, _certify(site, home) if site.tls else None)
    file = site.write(home / "nginx.conf", text)
    yield Server(
        role="nginx",
        command=Command(
            arguments=(str(site.program("nginx")), "-p", str(home), "-c", str(file)),
            folder=home,
        ),
        healthy=partial(health.listens, site.port("nginx")),
        port=site.port("nginx"),
    )
    yield Task("entrance", partial(_enter, site), needs=("nginx", "token", *site.api_roles()))


def configuration(site: Site, home: Path, tls: Tls | None = None) -> str:
    """What infra/nginx says for a deployment on one machine."""
    return site.render(
        "nginx/nginx.conf.j2",
        home=home,
        access_log=site.log("nginx-access"),
        # The folder is root's alone.
        user="root" if site.account else "",
        listen=f"{site.bind('nginx')}:{site.port('nginx')}",
        nodes=[site.address(role) for role in site.api_roles()],
        nodes_file="",
        tls=tls,
    )


def base_url(site: Site) -> str:
    """Where the deployment is entered."""
    return f"{'https' if site.tls else 'http'}://{site.address('nginx')}"


def ca_file(site: Site) -> Path | None:
    """Whom callers have to trust; None where it speaks no TLS."""
    return site.data("nginx") / "ca.pem" if site.tls else None


def _certify(site: Site, home: Path) -> Tls:
    """Have it certified by an authority of this deployment alone, whose key is kept nowhere."""
    authority = trustme.CA()
    issued = authority.issue_cert(LOOPBACK, "localhost")
    authority.cert_pem.write_to_path(home / "ca.pem")
    tls = Tls(home / "chain.pem", home / "key.pem", site.address("nginx-plain"), home / FOLDERS[-1])
    chain = "".join(part.bytes().decode() for part in issued.cert_chain_pems)
    site.write(tls.certificate, chain)
    site.write(tls.key, issued.private_key_pem.bytes().decode())
    return tls


async def _enter(site: Site, _run: Run) -> None:
    authority = ca_file(site)
    trusted = ssl.create_default_context(cafile=authority) if authority else True
    # Nothing tells us when a node is taken for healthy: it has to be asked.
    while not await health.answers_http(f"{base_url(site)}/health", trusted):  # noqa: ASYNC110
        await asyncio.sleep(POLL_SECONDS)
