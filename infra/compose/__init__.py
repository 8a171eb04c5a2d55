"""The whole deployment as a compose file and the files that its containers read."""

from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

FOLDER, HOME, CERTIFICATES = "/etc/tether", "/var/lib/tether", "/etc/tether-certificates"
PORTS = {
    "postgres": "postgres",
    "pgbouncer": "pgbouncer",
    "minio": "s3",
    "redis-queue": "redis_queue",
    "redis-cache": "redis_cache",
}
BALANCER_PLACE = 10
"""Nodes follow it."""


@dataclass(frozen=True)
class ComposeSite:
    """What templates ask for: each server in a container of its own, found by its name."""

    subnet: IPv4Network
    ports: dict[str, int]

    contained = True
    encrypted = False
    """Between containers of one private network that is never left."""

    @property
    def balancer(self) -> str:
        """The balancer's address, whose word on a caller's counts."""
        return str(self.subnet[BALANCER_PLACE])

    def node(self, number: int) -> str:
        """The address of an API node, counted from 1."""
        return str(self.subnet[BALANCER_PLACE + number])

    def port(self, role: str) -> int:
        """The port of a server."""
        return self.ports[PORTS[role]]

    def host(self, role: str) -> str:
        """The name of its container."""
        return role

    def bind(self, role: str) -> str:
        """Every address: the network is private."""
        del role
        return "0.0.0.0"  # noqa: S104 - in the container


def values_of(subnet: str, ports: dict[str, int], api_nodes: int) -> dict[str, Any]:
    """What the templates of compose are filled with."""
    return {
        "site": ComposeSite(IPv4Network(subnet), ports),
        "nodes": [f"api-{number}" for number in range(1, api_nodes + 1)],
        "folder": FOLDER,
        "home": HOME,
        "certificates": CERTIFICATES,
        "observer": "golive_observer",
        # Only its parent counts.
        "cluster": Path(FOLDER, "cluster"),
        "users": "/tmp/users",  # noqa: S108 - in the container
    }
