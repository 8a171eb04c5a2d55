"""The ground of a deployment of containers, seen from two sides, and what is remembered of it."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from ipaddress import IPv4Network
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from golive.adapters.containers.engine import container_name, labels
from golive.adapters.native import credentials, places
from golive.adapters.native.processes import Identity
from golive.adapters.native.servers.wanted import Found
from golive.adapters.native.site import Site
from golive.adapters.native.units.toxiproxy import PROXIES, listener
from golive.adapters.native.versions import Version
from golive.model.deployment import DeploymentRequest, DeploymentState

STATE_FILE = "containers.json"
TOXIPROXY = "toxiproxy"
PROXY_PORTS = {listener(proxy): 21000 + number for number, proxy in enumerate(PROXIES.values())}
FIXED_PORTS: Mapping[str, int] = {
    "nginx": 8080,
    "postgres": 5432,
    "pgbouncer": 6432,
    "redis-queue": 6379,
    "redis-cache": 6379,
    "minio": 9000,
    "gateway": 8090,
    TOXIPROXY: 8474,
    **PROXY_PORTS,
}
API_PORT = 8000
# Addresses below are the engine's.
FIRST_ADDRESS = 10
ROLES = (
    *("postgres", "pgbouncer", "redis-queue", "redis-cache", "minio", "gateway"),
    *(TOXIPROXY, "nginx", "worker"),
)


@dataclass(frozen=True)
class InsideSite(Site):
    """What a container sees: others by name at the usual ports, itself at an address of its own."""

    subnet: IPv4Network = IPv4Network("127.0.0.0/8")

    def port(self, role: str) -> int:
        """The usual port."""
        return API_PORT if role.startswith("api-") else FIXED_PORTS[role]

    def host(self, role: str) -> str:
        """The container's name in the network."""
        return TOXIPROXY if role in PROXY_PORTS else role

    def bind(self, role: str) -> str:
        """Its own address, so that a server can be seen to listen nowhere else."""
        return str(self.subnet[FIRST_ADDRESS + self.roles().index(self.host(role))])

    def roles(self) -> tuple[str, ...]:
        """Those who have an address of their own that does not change."""
        return (*ROLES, *self.api_roles())

    @property
    def contained(self) -> bool:
        """Each has a container of its own."""
        return True

    def log(self, role: str) -> Path:
        """The engine keeps logs."""
        del role
        return Path("/dev/stdout")


@dataclass(frozen=True)
class Ground:
    """One deployment of containers, as its state file remembers it."""

    request: DeploymentRequest
    checkout: Path
    folder: Path
    engine: str
    images: Mapping[str, str]
    ports: Mapping[str, int]
    subnet: IPv4Network
    owner: Identity
    state: DeploymentState
    target_file: str = ""
    left_out: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def outside(self) -> Site:
        """What the harness sees: published ports on loopback."""
        return Site(
            name=self.request.name,
            folder=self.folder,
            checkout=self.checkout,
            api_nodes=self.request.api_nodes,
            account=places.service_account(),
            # What templates ask for; every other server is always there.
            servers={"pgbouncer": Found("pgbouncer", Path(), Version(()), source="an image")},
            left_out=self.left_out,
            settings=self.request.settings,
            credentials=credentials.load(self.folder),
            _ports=dict(self.ports),
        )

    @cached_property
    def inside(self) -> InsideSite:
        """What containers see."""
        known = {
            one.name: getattr(self.outside, one.name)
            for one in fields(Site)
            if one.name != "account"
        }
        return InsideSite(**known, account=None, subnet=self.subnet)

    @property
    def checkout_id(self) -> str:
        """A short word for the checkout."""
        return places.checkout_id(self.checkout)

    def labels(self, role: str = "") -> dict[str, str]:
        """What marks its containers."""
        return labels(self.checkout_id, self.request.name, role)

    def container(self, role: str) -> str:
        """The name of a container."""
        return container_name(self.checkout_id, self.request.name, role)

    def entering(self, state: DeploymentState, target_file: str = "") -> "Ground":
        """The same in another state, remembered."""
        changed = dataclasses.replace(self, state=state, target_file=target_file)
        changed.save()
        return changed

    def save(self) -> None:
        """Replace the state file in one step."""
        scratch = self.folder / f".{STATE_FILE}.new"
        scratch.write_bytes(_GROUND.dump_json(self, indent=2))
        scratch.replace(self.folder / STATE_FILE)


_GROUND = TypeAdapter(Ground)


def deployment_folder(checkout: Path, name: str) -> Path:
    """The folder of a deployment; never that of a native one."""
    return places.state_folder() / f"containers-{places.checkout_id(checkout)}-{name}"


def read_ground(folder: Path) -> Ground | None:
    """What is remembered in a folder."""
    try:
        return _GROUND.validate_json((folder / STATE_FILE).read_bytes())
    except (OSError, ValidationError):
        return None
