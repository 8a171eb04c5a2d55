"""The ground that the units of one deployment stand on: folders, ports, passwords, programs."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from golive.adapters.native.credentials import Credentials, write_private
from golive.adapters.native.places import Account, make_passable
from golive.adapters.native.ports import LOOPBACK, PortBlock
from golive.adapters.native.releases import Releases
from golive.adapters.native.restraints import Restraints
from golive.adapters.native.servers.wanted import Found
from golive.adapters.native.variants import Variant

PRIVATE = 0o700
# The group of the account that some servers run as may pass, and nobody else may look.
PASSABLE = 0o710


@dataclass(frozen=True)
class Site:
    """One deployment's ground. Ports are taken when they are first asked for."""

    name: str
    folder: Path
    checkout: Path
    api_nodes: int
    account: Account | None
    servers: Mapping[str, Found]
    left_out: Mapping[str, str]
    credentials: Credentials
    block: PortBlock | None = None
    variant: Variant | None = None
    settings: tuple[tuple[str, str], ...] = ()
    tls: bool = False
    _ports: dict[str, int] = field(default_factory=dict)

    def port(self, role: str) -> int:
        """The port of that role."""
        if role not in self._ports:
            assert self.block is not None, role  # noqa: S101 - else all ports are known
            self._ports[role] = self.block.take()
        return self._ports[role]

    def host(self, _role: str) -> str:
        """Where others reach that role."""
        return LOOPBACK

    def bind(self, _role: str) -> str:
        """The address that a server of that role listens on."""
        return LOOPBACK

    def address(self, role: str) -> str:
        """Host and port of that role."""
        return f"{self.host(role)}:{self.port(role)}"

    @property
    def contained(self) -> bool:
        """Whether each server has a machine of its own, as it seems to it."""
        return False

    @property
    def encrypted(self) -> bool:
        """Whether servers speak TLS to each other."""
        return self.contained

    def program(self, server: str) -> Path:
        """The program of a server."""
        return self.servers[server].path

    def api_roles(self) -> tuple[str, ...]:
        """The names of the API nodes."""
        return tuple(f"api-{number}" for number in range(1, self.api_nodes + 1))

    def data(self, role: str, owner: Account | None = None) -> Path:
        """The folder of a server's own data."""
        folder = self.folder / "data" / role
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(PRIVATE)
        if owner is not None:
            os.chown(folder, owner.uid, owner.gid)
        return folder

    def log(self, role: str) -> Path:
        """The log file of a unit."""
        return self.folder / "logs" / f"{role}.log"

    def write(self, path: Path, text: str, owner: Account | None = None) -> Path:
        """Write a private file that the owner can read."""
        write_private(path, text)
        if owner is not None:
            os.chown(path, owner.uid, owner.gid)
        return path

    def render(self, template: str, **values: object) -> str:
        """A template of infra/ filled in; `site` is this."""
        # Configuration files are not HTML, and a forgotten value must not become an empty one.
        environment = Environment(
            loader=FileSystemLoader(self.checkout / "infra"),
            undefined=StrictUndefined,
            keep_trailing_newline=True,
            trim_blocks=True,
            lstrip_blocks=True,
            autoescape=False,  # noqa: S701 - no HTML here
        )
        text = environment.get_template(template).render(site=self, **values)
        return self.variant.altered(template, text) if self.variant else text


def lay_out(folder: Path, account: Account | None) -> None:
    """Make a deployment's folders; data stays, logs of the time before are kept once."""
    make_passable(folder.parent)
    for part in (folder, folder / "data"):
        part.mkdir(mode=PRIVATE, exist_ok=True)
        if account is not None:
            os.chown(part, 0, account.gid)
            part.chmod(PASSABLE)
    # Those of the time before are over.
    Restraints(folder).clear()
    Releases(folder).forget()
    logs = folder / "logs"
    if logs.is_dir():
        shutil.rmtree(folder / "logs.before", ignore_errors=True)
        logs.rename(folder / "logs.before")
    logs.mkdir(mode=PRIVATE)
