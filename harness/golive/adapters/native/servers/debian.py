"""Installs Debian packages as root, without letting them start services of their own."""

import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from golive.adapters.native.places import SYSTEM_STATE, make_passable
from golive.adapters.native.servers.cache import locked
from golive.adapters.native.servers.finding import FIX
from golive.adapters.native.servers.shell import run
from golive.adapters.native.servers.wanted import Wanted
from golive.errors import ProvisioningError
from golive.model.deployment import Progress

LOCK_WAIT_SECONDS = 300
POLICY = Path("/usr/sbin/policy-rc.d")
NO_CLUSTER = Path("/etc/postgresql-common/createcluster.d/golive.conf")
LISTS_LOCK = Path("/var/lib/apt/lists/lock")
BUSY_ROUNDS = 10
BUSY = ("Could not get lock", "Unable to acquire the dpkg frontend lock", "is another process")
APT = ("apt-get", "-q", "-o", f"DPkg::Lock::Timeout={LOCK_WAIT_SECONDS}")


def is_possible() -> bool:
    """Whether this is root on a system with apt."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(servers: Sequence[Wanted], progress: Progress) -> None:
    """Install the packages of all these servers at once."""
    packages = [server.debian for server in servers]
    make_passable(SYSTEM_STATE)
    with ExitStack() as stack:
        stack.enter_context(locked(SYSTEM_STATE / ".apt.lock", progress))
        stack.enter_context(_temporary(POLICY, "#!/bin/sh\nexit 101\n", 0o755))
        stack.enter_context(_temporary(NO_CLUSTER, "create_main_cluster = false\n", 0o644))
        _apt("reading the lists of Debian packages", ["update"], progress)
        _apt(
            f"installing the Debian packages {', '.join(packages)}",
            ["install", "-y", "--no-install-recommends", *packages],
            progress,
        )
    for server in servers:
        _switch_off(server.service)


def _apt(what: str, arguments: Sequence[str], progress: Progress) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    for _ in range(BUSY_ROUNDS):
        try:
            run(what, [*APT, *arguments], environment, progress)
        except ProvisioningError as problem:
            if not any(sign in problem.message for sign in BUSY):
                raise
            progress("waiting for another program that installs packages")
            _await_lists()
        else:
            return
    raise ProvisioningError("another program keeps installing packages", remedy=f"Later: {FIX}")


def _await_lists() -> None:
    """Wait for the lock of apt's lists: apt itself waits for dpkg's lock only."""
    with LISTS_LOCK.open("r+") as lock:
        fcntl.lockf(lock, fcntl.LOCK_EX)


@contextmanager
def _temporary(path: Path, content: str, mode: int) -> Iterator[None]:
    """A file that exists for the time being, unless somebody's own is there already."""
    if path.exists():
        yield
        return
    missing = [folder for folder in path.parents if not folder.exists()]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    path.chmod(mode)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        for folder in missing:
            if not any(folder.iterdir()):
                folder.rmdir()


def _switch_off(service: str) -> None:
    """A package that came for us must not start its own server at the next boot either."""
    systemctl = shutil.which("systemctl")
    if systemctl is not None:
        subprocess.run([systemctl, "--quiet", "disable", service], capture_output=True, check=False)
