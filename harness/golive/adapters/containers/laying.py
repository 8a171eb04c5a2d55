"""Lays the ground of a deployment: folders, passwords, ports, a network. Nothing runs yet."""

import os
import shutil
import zlib
from dataclasses import replace
from ipaddress import IPv4Network
from pathlib import Path

from docker import DockerClient
from docker.errors import APIError
from docker.types import IPAMConfig, IPAMPool
from testcontainers.core.network import Network

from golive.adapters.containers import images
from golive.adapters.containers.engine import container_name, labels
from golive.adapters.containers.ground import TOXIPROXY, Ground, deployment_folder
from golive.adapters.native import credentials, places, ports
from golive.adapters.native.backend import NAME
from golive.adapters.native.processes import Identity
from golive.adapters.native.site import lay_out
from golive.errors import DeploymentError
from golive.model.deployment import DeploymentRequest, DeploymentState

# The balancer, and what the harness looks at past it.
PUBLISHED = ("nginx", "minio", "postgres", "pgbouncer", "redis-queue", "redis-cache", TOXIPROXY)
# Private, and rarely anybody's own.
SUBNETS = tuple(IPv4Network("10.200.0.0/13").subnets(new_prefix=24))
SUBNET_TRIES = 50


def lay(client: DockerClient, request: DeploymentRequest, checkout: Path) -> Ground:
    """Everything that a start needs; `network_of` says the network's name."""
    folder = deployment_folder(checkout, request.name)
    if request.fresh:
        shutil.rmtree(folder, ignore_errors=True)
    lay_out(folder, places.service_account())
    credentials.load_or_make(folder)
    owner = Identity.of(os.getpid())
    assert owner is not None  # noqa: S101 - we are alive
    ground = Ground(
        request=replace(request, fresh=False),
        checkout=checkout,
        folder=folder,
        engine=os.environ.get("DOCKER_HOST", ""),
        images=images.choose(client, checkout),
        ports=_ports(folder, request.api_nodes),
        subnet=_make_network(checkout, request.name),
        owner=owner,
        state=DeploymentState.STARTING,
    )
    ground.save()
    return ground


def network_of(ground: Ground) -> str:
    """The name of its network."""
    return ground.container("network")


def require_possible(request: DeploymentRequest) -> None:
    """Refuse what containers cannot be asked for."""
    if not NAME.fullmatch(request.name):
        raise DeploymentError(
            f"{request.name!r} is no name for a deployment",
            remedy="Use up to 31 small letters, digits and hyphens.",
        )
    if request.tls:
        raise DeploymentError(
            "containers speak no TLS yet", remedy="Leave out --tls, or --backend containers."
        )
    if request.variant:
        raise DeploymentError(
            f"the variant {request.variant} cannot be had in containers, whose images are built",
            remedy=f"Start it natively: golive up --variant {request.variant}",
        )


def _ports(folder: Path, api_nodes: int) -> dict[str, int]:
    """A loopback port for whatever is published; the same as before, if they are free."""
    block = ports.reserve(places.reservations_folder(), start=zlib.crc32(folder.name.encode()))
    try:
        nodes = (f"api-{number}" for number in range(1, api_nodes + 1))
        return {role: block.take() for role in (*PUBLISHED, *nodes)}
    finally:
        # From now on the engine holds them.
        block.release()


def _make_network(checkout: Path, name: str) -> IPv4Network:
    """A private network whose addresses are ours to give: the first that overlaps nobody's."""
    checkout_id = places.checkout_id(checkout)
    first = zlib.crc32(f"{checkout_id}-{name}".encode())
    problem: APIError | None = None
    for number in range(SUBNET_TRIES):
        subnet = SUBNETS[(first + number) % len(SUBNETS)]
        pool = IPAMPool(subnet=str(subnet))
        network = Network(
            docker_network_kw={
                "ipam": IPAMConfig(pool_configs=[pool]),
                "labels": labels(checkout_id, name),
            }
        )
        network.name = container_name(checkout_id, name, "network")
        try:
            network.create()
        except APIError as error:
            problem = error
        else:
            return subnet
    raise DeploymentError(f"no network could be made: {problem}")
