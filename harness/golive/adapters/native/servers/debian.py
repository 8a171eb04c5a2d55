"""Installs Debian packages as root, without letting them start services of their own."""

import fcntl
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from golive.adapters.native.places import SYSTEM_STATE, make_passable
from golive.adapters.native.servers.cache import filesystem_errors, locked
from golive.adapters.native.servers.finding import FIX
from golive.adapters.native.servers.shell import run
from golive.adapters.native.servers.wanted import Wanted
from golive.errors import ProvisioningError
from golive.model.deployment import Progress

LOCK_WAIT_SECONDS = 300
POLICY = Path("/usr/sbin/policy-rc.d")
NO_CLUSTER = Path("/etc/postgresql-common/createcluster.d/golive.conf")
# A file that has this line is ours, also after a kill that kept us from removing it.
MARK = "# Written by golive while it installs packages."
LISTS_LOCK = Path("/var/lib/apt/lists/lock")
LOCK = ".apt.lock"
RETRY_SECONDS = 24 * 3600
BUSY_ROUNDS = 10
BUSY = ("Could not get lock", "Unable to acquire the dpkg frontend lock", "is another process")
APT = ("apt-get", "-q", "-o", f"DPkg::Lock::Timeout={LOCK_WAIT_SECONDS}")


def is_possible() -> bool:
    """Whether this is root on a system with apt."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(servers: Sequence[Wanted], progress: Progress) -> None:
    """Install the packages of all these servers at once."""
    packages = [server.debian for server in servers]
    with filesystem_errors("installing Debian packages"), ExitStack() as stack:
        make_passable(SYSTEM_STATE)
        stack.enter_context(locked(SYSTEM_STATE / LOCK, progress))
        there = installed(packages)
        stack.enter_context(_temporary(POLICY, f"#!/bin/sh\n{MARK}\nexit 101\n", 0o755))
        settings = f"{MARK}\ncreate_main_cluster = false\n"
        stack.enter_context(_temporary(NO_CLUSTER, settings, 0o644))
        ours = [
            server
            for server in servers
            if server.debian not in there and not _is_switched_on(server.service)
        ]
        _apt("reading the lists of Debian packages", ["update"], progress)
        _apt(
            f"installing the Debian packages {', '.join(packages)}",
            ["install", "-y", "--no-install-recommends", *packages],
            progress,
        )
        for server in ours:
            _switch_off(server.service)


def installed(packages: Sequence[str]) -> frozenset[str]:
    """Those of the packages that are on this machine, whoever installed them."""
    asked = subprocess.run(
        ["dpkg-query", "--show", "--showformat", "${Package} ${db:Status-Status}\n", *packages],
        capture_output=True,
        text=True,
        check=False,
    )
    lines = (line.split() for line in asked.stdout.splitlines())
    return frozenset(words[0] for words in lines if words[1:] == ["installed"])


def was_tried_lately(package: str) -> Path | None:
    """The note of an attempt, if it is fresh: what can be done without is not tried every time."""
    note = SYSTEM_STATE / f".tried-{package}"
    try:
        age_seconds = time.time() - note.stat().st_mtime
    except OSError:
        return None
    return note if abs(age_seconds) < RETRY_SECONDS else None


def note_attempt(packages: Sequence[str]) -> None:
    """Note that these packages have been tried, whatever came of it."""
    with suppress(OSError):
        for package in packages:
            (SYSTEM_STATE / f".tried-{package}").touch()


def clear_left_behind(progress: Progress) -> None:
    """Remove what a killed run has left: it would keep every other package's service down."""
    left = [path for path in (POLICY, NO_CLUSTER) if _is_ours(path)]
    if not left:
        return
    with filesystem_errors("removing what a killed golive has left"):
        make_passable(SYSTEM_STATE)
        # Waits for another golive that is installing just now.
        with locked(SYSTEM_STATE / LOCK, progress):
            for path in left:
                path.unlink(missing_ok=True)


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
    if path.exists() and not _is_ours(path):
        yield
        return
    missing = [folder for folder in path.parents if not folder.exists()]
    path.parent.mkdir(parents=True, exist_ok=True)
    # It appears whole: half of it, left by a kill, would not be known for ours.
    scratch = path.with_name(f".{path.name}.golive")
    scratch.write_text(content)
    scratch.chmod(mode)
    scratch.replace(path)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        for folder in missing:
            if not any(folder.iterdir()):
                folder.rmdir()


def _is_ours(path: Path) -> bool:
    try:
        return MARK in path.read_text(errors="replace").splitlines()
    except OSError:
        return False


def _is_switched_on(service: str) -> bool:
    """Whether it starts at boot already, as when another package of the user's brings it."""
    asked = _systemctl("is-enabled", service)
    return asked is not None and asked.stdout.strip() == "enabled"


def _switch_off(service: str) -> None:
    """A package that came for us must not start its own server at the next boot either."""
    _systemctl("--quiet", "disable", service)


def _systemctl(*words: str) -> subprocess.CompletedProcess[str] | None:
    program = shutil.which("systemctl")
    if program is None:
        return None
    return subprocess.run([program, *words], capture_output=True, text=True, check=False)
