"""The Docker engine: whether there is one, and what of ours it holds."""

import contextlib
from collections.abc import Iterator, Mapping

import docker
from docker import DockerClient
from docker.errors import APIError, DockerException, NotFound
from docker.models.containers import Container
from testcontainers.core.config import testcontainers_config

from golive.errors import DeploymentError

CHECKOUT, DEPLOYMENT, ROLE = "golive.checkout", "golive.deployment", "golive.role"
TIMEOUT_SECONDS = 120


@contextlib.contextmanager
def engine(host: str = "") -> Iterator[DockerClient]:
    """The engine at that address, or at the one that the environment names."""
    # Its cleaner is one more image; what a killed golive leaves is swept by its labels instead.
    testcontainers_config.ryuk_disabled = True
    try:
        client = (
            DockerClient(base_url=host, timeout=TIMEOUT_SECONDS)
            if host
            else docker.from_env(timeout=TIMEOUT_SECONDS)
        )
        client.ping()
    except DockerException as problem:
        raise DeploymentError(
            f"there is no Docker engine that answers: {problem}",
            remedy="Start it, or let DOCKER_HOST name one; without: golive up --backend native",
        ) from problem
    try:
        yield client
    finally:
        client.close()


def labels(checkout: str, deployment: str, role: str = "") -> dict[str, str]:
    """What marks a thing of ours."""
    return {CHECKOUT: checkout, DEPLOYMENT: deployment, **({ROLE: role} if role else {})}


def container_name(checkout: str, deployment: str, role: str) -> str:
    """The name of a container; checkouts and deployments never share one."""
    return f"golive-{checkout}-{deployment}-{role}"


def containers(client: DockerClient, wanted: Mapping[str, str]) -> list[Container]:
    """Every container with those labels, running or not."""
    marks = [f"{name}={value}" for name, value in wanted.items()]
    # Some may be gone before they are looked at.
    return list(client.containers.list(all=True, filters={"label": marks}, ignore_removed=True))


def deployments_there(client: DockerClient, checkout: str) -> frozenset[str]:
    """The deployments of a checkout that the engine holds anything of."""
    wanted = {CHECKOUT: checkout}
    found = {one.labels[DEPLOYMENT] for one in containers(client, wanted)}
    networks = client.networks.list(filters={"label": f"{CHECKOUT}={checkout}"})
    return frozenset(found | {one.attrs["Labels"][DEPLOYMENT] for one in networks})


def sweep(client: DockerClient, wanted: Mapping[str, str], stop_seconds: int = 0) -> None:
    """Remove containers and networks with those labels; with a time, let them end by themselves."""
    # The balancer first, the data last: nobody is to see the end of what they rest on.
    for container in sorted(containers(client, wanted), key=_rank):
        with contextlib.suppress(NotFound):
            if stop_seconds and container.status == "running":
                container.stop(timeout=stop_seconds)
            container.remove(force=True, v=True)
    marks = [f"{name}={value}" for name, value in wanted.items()]
    for network in client.networks.list(filters={"label": marks}):
        with contextlib.suppress(NotFound, APIError):
            network.remove()


def _rank(container: Container) -> int:
    role = container.labels.get(ROLE, "")
    order = ("nginx", "worker", "api-", "gateway", "toxiproxy", "pgbouncer")
    return next((rank for rank, start in enumerate(order) if role.startswith(start)), len(order))
