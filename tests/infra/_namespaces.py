"""Hosts as network namespaces: each has its own addresses, ports and firewall, and nothing of this
machine's is touched. Bridges lie in namespaces too.
"""

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import psutil

PREFIX = "goliveedge"
CLONE_NEWNET = 0x40000000

T = TypeVar("T")
FOLDER = Path("/run/netns")


def why_not() -> str:
    """What keeps us from making them; empty if nothing does."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    lacking = [name for name in ("ip", "nft", "nginx") if shutil.which(name) is None]
    if lacking:
        return f"not installed: {', '.join(lacking)} (Debian: iproute2 nftables nginx)"
    tried = subprocess.run(["unshare", "--net", "true"], capture_output=True, check=False)
    return "" if tried.returncode == 0 else "this kernel lets us make no network namespace"


@dataclass
class Host:
    """One host."""

    name: str
    addresses: list[str] = field(default_factory=list)

    @property
    def inside(self) -> tuple[str, ...]:
        """What stands before a command that is to run in it."""
        return ("ip", "netns", "exec", self.name)

    def run(self, *words: str | Path, check: bool = True) -> "subprocess.CompletedProcess[str]":
        """Run a command to its end."""
        command = [*self.inside, *map(str, words)]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        assert not check or ended.returncode == 0, f"{command}: {ended.stdout}{ended.stderr}"
        return ended


class Network:
    """Hosts and the bridges between them; everything is gone at the end."""

    def __init__(self) -> None:
        self._serial = 0

    def bridge(self, name: str) -> Host:
        """A switch."""
        made = self.host(name)
        made.run("ip", "link", "add", "br0", "type", "bridge")
        made.run("ip", "link", "set", "br0", "up")
        return made

    def host(self, name: str) -> Host:
        """A host without a cable."""
        made = Host(f"{PREFIX}{os.getpid()}-{name}")
        _ip("netns", "add", made.name)
        made.run("ip", "link", "set", "lo", "up")
        return made

    def plug(self, host: Host, bridge: Host, address: str) -> str:
        """A cable; gives the name of the host's end."""
        self._serial += 1
        near, far = f"eth{self._serial}", f"port{self._serial}"
        _ip("-n", host.name, "link", "add", near, "type", "veth", "peer", far, "netns", bridge.name)
        bridge.run("ip", "link", "set", far, "master", "br0", "up")
        host.run("ip", "address", "add", f"{address}/24", "dev", near)
        host.run("ip", "link", "set", near, "up")
        host.addresses.append(address)
        return near


@contextlib.contextmanager
def network() -> Iterator[Network]:
    """A network; what a killed test has left is cleared first."""
    _sweep()
    try:
        yield Network()
    finally:
        _clear(f"{PREFIX}{os.getpid()}-")


def _sweep() -> None:
    """Clear what belongs to processes that are gone."""
    for name in _names(PREFIX):
        owner = name.removeprefix(PREFIX).partition("-")[0]
        if not owner.isdigit() or not psutil.pid_exists(int(owner)):
            _clear(name)


def _names(prefix: str) -> Sequence[str]:
    return sorted(path.name for path in FOLDER.glob(f"{prefix}*"))


def _clear(prefix: str) -> None:
    for name in _names(prefix):
        asked = subprocess.run(
            ["ip", "netns", "pids", name], capture_output=True, text=True, check=False
        )
        for pid in map(int, asked.stdout.split()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        _ip("netns", "delete", name)


def _ip(*words: str) -> None:
    ended = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, f"ip {' '.join(words)}: {ended.stderr}"


class Inhabitant:
    """A thread of ours in a host: what it opens, and whom it starts, is there."""

    def __init__(self, host: Host) -> None:
        def enter() -> None:
            with (FOLDER / host.name).open() as namespace:
                entered = ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), CLONE_NEWNET)
            assert entered == 0, os.strerror(ctypes.get_errno())

        self._thread = ThreadPoolExecutor(max_workers=1, initializer=enter)

    def do(self, work: Callable[[], T]) -> T:
        """Do it there."""
        return self._thread.submit(work).result()

    def leave(self) -> None:
        """End the thread."""
        self._thread.shutdown()
