"""Roles and what may be done to them: servers of the keeper, and processes below the worker."""

import random
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import psutil

from golive.adapters.native import processes
from golive.adapters.native.control.deployed import Deployed, await_true
from golive.adapters.native.processes import Identity
from golive.adapters.native.site import Site
from golive.adapters.native.worker_tree import HELPERS, WEBHOOK_WORKERS
from golive.errors import DeploymentError

WORKER = "worker"
RUNNING, PAUSED, STOPPED = "running", "paused", "stopped"
KILL_SECONDS = 10.0
# The worker lets running jobs finish.
TERMINATE_SECONDS = 90.0


@dataclass(frozen=True)
class ServerRole:
    """A server that the keeper supervises. `with_tree`: a kill takes all its descendants along."""

    deployed: Deployed
    role: str
    with_tree: bool = False

    def status(self) -> str:
        """One word."""
        living = self.deployed.living(self.role)
        if living and (process := living.process()) and processes.is_paused(process):
            return PAUSED
        return RUNNING if self.deployed.is_running(self.role) else STOPPED

    def start(self) -> None:
        """Let it be started, and wait until it is."""
        self.deployed.restraints.release(self.role)
        self.deployed.await_running(self.role)

    def kill(self) -> None:
        """SIGKILL, and wait for the end."""
        if living := self.deployed.living(self.role):
            tree = processes.family(living.pid)[1:] if self.with_tree else []
            living.signal(signal.SIGKILL)
            for process in tree:
                processes.end(process)
            _await_end(living, KILL_SECONDS)

    def terminate(self) -> None:
        """Tell it to end in its own way, and wait for the end."""
        if living := self.deployed.living(self.role):
            living.signal(self.deployed.snapshot().stop_signals[self.role])
            _await_end(living, TERMINATE_SECONDS)

    def restart(self) -> None:
        """The same, and wait until a new one is there."""
        self.terminate()
        self.deployed.await_running(self.role)

    def pause(self) -> None:
        """Stop it and all its descendants in their tracks."""
        if living := self.deployed.living(self.role):
            processes.pause(living.pid)

    def resume(self) -> None:
        """Let them go on."""
        if living := self.deployed.living(self.role):
            processes.resume(living.pid)

    def stop(self) -> None:
        """End it, and keep it from being started again."""
        self.deployed.restraints.hold(self.role)
        self.kill()


@dataclass(frozen=True)
class PartRole:
    """Processes below the worker, known by their names; it starts each again. Where there are
    several, chance decides which one is meant.
    """

    deployed: Deployed
    names: tuple[str, ...]

    def status(self) -> str:
        """One word; running when none of them is missing."""
        parts = self._parts()
        if any(map(processes.is_paused, parts)):
            return PAUSED
        missing = set(self.names).difference(map(processes.name_of, parts))
        return STOPPED if missing else RUNNING

    def start(self) -> None:
        """Wait until the worker has started it."""
        await_true(lambda: self.status() != STOPPED, f"there is a {' and a '.join(self.names)}")

    def kill(self) -> None:
        """SIGKILL, and wait for the end."""
        self._end(signal.SIGKILL, KILL_SECONDS)

    def terminate(self) -> None:
        """Tell it to end in its own way, and wait for the end."""
        self._end(signal.SIGTERM, TERMINATE_SECONDS)

    def restart(self) -> None:
        """The same, and wait until a new one is there."""
        self.terminate()
        self.start()

    def pause(self) -> None:
        """Stop one of them and its descendants in their tracks."""
        if parts := self._parts():
            processes.pause(random.choice(parts).pid)  # noqa: S311 - no secret

    def resume(self) -> None:
        """Let all of them go on."""
        for part in self._parts():
            processes.resume(part.pid)

    def _parts(self) -> list[psutil.Process]:
        worker = self.deployed.living(WORKER)
        below = processes.family(worker.pid)[1:] if worker else []
        return [one for one in below if processes.name_of(one) in self.names]

    def _end(self, number: signal.Signals, seconds: float) -> None:
        parts = self._parts()
        chosen = Identity.of(random.choice(parts).pid) if parts else None  # noqa: S311 - no secret
        if chosen is not None:
            chosen.signal(number)
            _await_end(chosen, seconds)


Role = ServerRole | PartRole
# Workers that are always wanted; others come and go with the load.
PARTS: Mapping[str, tuple[str, ...]] = {
    "work-horse": tuple(f"webhooks-{number + 1}" for number in range(WEBHOOK_WORKERS)),
    "upload-worker": ("default-1",),
    **{helper: (helper,) for helper in HELPERS},
}


def find(deployed: Deployed, name: str) -> Role:
    """The role of that name."""
    if name in PARTS:
        return PartRole(deployed, PARTS[name])
    if name == f"{WORKER}-node":
        return ServerRole(deployed, WORKER, with_tree=True)
    deployed.server(name)
    return ServerRole(deployed, name)


def offered(site: Site) -> dict[str, tuple[str, ...]]:
    """The roles of a deployment that drills may act on, each with its verbs."""
    servers = [name for name in ("pgbouncer",) if name in site.servers]
    servers += [*site.api_roles(), WORKER, f"{WORKER}-node"]
    servers += ["redis-queue", "redis-cache", "postgres", "minio", "nginx"]
    kinds: dict[str, type[Role]] = dict.fromkeys(servers, ServerRole)
    kinds |= dict.fromkeys(PARTS, PartRole)
    return {name: tuple(verbs(kind)) for name, kind in kinds.items()}


def verbs(kind: type[object]) -> dict[str, Callable[..., str | None]]:
    """What can be done to a role of that kind."""
    return {
        name: method
        for name, method in vars(kind).items()
        if callable(method) and not name.startswith("_")
    }


def _await_end(identity: Identity, seconds: float) -> None:
    if not identity.wait(seconds):
        raise DeploymentError(f"process {identity.pid} did not end within {seconds:.0f} s")
