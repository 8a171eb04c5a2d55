"""The host of the stores: what their templates are filled with there."""

from collections.abc import Mapping
from dataclasses import dataclass

from infra.compose import PORTS

LOOPBACK = "127.0.0.1"
CONFIGURATION = "/etc/postgresql/15/main"
"""Debian 12's. Its own `postgresql.conf` reads what is in `conf.d`."""


@dataclass(frozen=True)
class DataHost:
    """What templates ask for: every store on one host, at its private address."""

    address: str
    ports: Mapping[str, int]

    contained = False
    encrypted = False
    """The private network is never left; PostgreSQL is reached over loopback."""
    sockets = "/var/run/postgresql"

    def port(self, role: str) -> int:
        """The port of a server."""
        return self.ports[PORTS[role]]

    def host(self, role: str) -> str:
        """Where the servers of this host find each other."""
        del role
        return LOOPBACK

    def bind(self, role: str) -> str:
        """PostgreSQL is for pgBouncer beside it, the others are for the private network."""
        return LOOPBACK if role == "postgres" else self.address
