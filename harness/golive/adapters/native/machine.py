"""What is worth knowing about this machine before a deployment is started on it."""

import getpass
import os
import platform
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from golive.adapters.native import ports
from golive.adapters.native.places import (
    cache_folder,
    reservations_folder,
    service_account,
    state_folder,
)
from golive.adapters.native.servers.finding import find
from golive.adapters.native.servers.known import GO
from golive.adapters.native.servers.wanted import Found
from golive.errors import DeploymentError

LOW_SPACE_BYTES = 1024**3


@dataclass(frozen=True)
class MachineFact:
    """One thing about the machine; `trouble` says what is wrong with it and what to do."""

    name: str
    value: str
    trouble: str = ""


def machine_facts() -> tuple[MachineFact, ...]:
    """Everything that `golive doctor` tells apart from the servers."""
    return (
        _system(),
        _user(),
        _make(),
        _go(),
        _disk("data", state_folder()),
        _disk("cache", cache_folder()),
        _ports(),
    )


def existing_parent(folder: Path) -> Path:
    """The nearest folder of the path that exists, as far as this user may look."""
    # Path.is_dir would raise where this user may not look.
    return next(one for one in (folder, *folder.parents) if os.path.isdir(one))  # noqa: PTH112


def _system() -> MachineFact:
    value = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    supported = sys.platform == "linux" and platform.machine() == "x86_64"
    trouble = "" if supported else "tried on Linux x86-64 only; missing servers cannot be installed"
    return MachineFact("system", value, trouble)


def _user() -> MachineFact:
    try:
        account = service_account()
    except DeploymentError as problem:
        return MachineFact("user", "root", str(problem))
    if account is None:
        return MachineFact("user", f"{_user_name()}, not root: no Debian packages")
    return MachineFact("user", f"root; PostgreSQL and pgBouncer run as {account.name}")


def _user_name() -> str:
    try:
        return getpass.getuser()
    # A container may run as any number, without an entry in /etc/passwd.
    except (KeyError, OSError):
        return f"user {os.geteuid()}"


def _make() -> MachineFact:
    path = shutil.which("make")
    trouble = "" if path else "only `make gate` and `make test` need it"
    return MachineFact("make", path or "not on PATH", trouble)


def _go() -> MachineFact:
    found = find(GO)
    if isinstance(found, Found):
        return MachineFact("go", f"{found.version} at {found.path}; builds MinIO and Toxiproxy")
    return MachineFact("go", "none; comes as a wheel if MinIO or Toxiproxy have to be built")


def _disk(name: str, folder: Path) -> MachineFact:
    parent = existing_parent(folder)
    free = shutil.disk_usage(parent).free
    trouble = ""
    if free < LOW_SPACE_BYTES:
        trouble = "less than 1 GB is free; make room"
    elif not os.access(parent, os.W_OK):
        trouble = f"{parent} is not writable by this user"
    return MachineFact(name, f"{folder}, {free / 1024**3:.1f} GB free", trouble)


def _ports() -> MachineFact:
    last = ports.FIRST_PORT + ports.BLOCK_SIZE * ports.BLOCK_COUNT - 1
    value = f"{ports.FIRST_PORT}-{last} on {ports.LOOPBACK}, reserved in {reservations_folder()}"
    try:
        block = ports.reserve(reservations_folder())
    except (DeploymentError, OSError) as problem:
        return MachineFact("ports", value, str(problem))
    block.release()
    return MachineFact("ports", value)
