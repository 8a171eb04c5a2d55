"""A deployment of the reference service, and the seam behind which a backend runs it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from signal import Signals
from types import MappingProxyType
from typing import Protocol

NOTHING: Mapping[str, str] = MappingProxyType({})
DEFAULT_NAME = "reference"
DEFAULT_API_NODES = 2

Progress = Callable[[str], None]


class ProcessState(StrEnum):
    """What a server of a deployment is doing. `DIED` is an exit that nobody asked for,
    `PAUSED` that it, or a process below it, has been stopped in its tracks.
    """

    WAITING = "waiting"
    STARTING = "starting"
    RUNNING = "running"
    DONE = "done"
    DIED = "died"
    PAUSED = "paused"
    STOPPED = "stopped"


class DeploymentState(StrEnum):
    """Where a deployment is in its life. `ABANDONED` has lost the keeper that supervised it."""

    STARTING = "starting"
    READY = "ready"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FAILED = "failed"
    ABANDONED = "abandoned"


def ending(exit_code: int | None) -> str:
    """An exit code in words; a negative one is the number of the signal that killed."""
    if exit_code is None:
        return "exit unknown"
    return Signals(-exit_code).name if exit_code < 0 else f"exit {exit_code}"


def titled(name: str, variant: str) -> str:
    """The name of a deployment, and of its variant if it is one."""
    return f"{name} (variant: {variant})" if variant else name


@dataclass(frozen=True)
class ServerProcess:
    """One server of a deployment. `since` is its start in seconds of the epoch, to be shown;
    `restarts` is how often it was started again.
    """

    role: str
    state: ProcessState
    pid: int | None = None
    since: float | None = None
    port: int | None = None
    exit_code: int | None = None
    log: str = ""
    restarts: int = 0


@dataclass(frozen=True)
class DeploymentRequest:
    """What is asked of a backend. `attached` deployments end with their owner and leave nothing;
    a `variant` has the seeded defect of that name; with `tls` they are entered by https. `settings`
    are names and values of the service's own settings that shall differ from what the deployment
    gives it.
    """

    name: str = DEFAULT_NAME
    api_nodes: int = DEFAULT_API_NODES
    attached: bool = False
    fresh: bool = False
    variant: str = ""
    settings: tuple[tuple[str, str], ...] = ()
    tls: bool = False


@dataclass(frozen=True)
class Deployment:
    """A deployment as it is now. `left_out` says which server is missing, and why."""

    name: str
    backend: str
    folder: str
    state: DeploymentState
    base_url: str = ""
    target_file: str = ""
    keeper_pid: int | None = None
    processes: tuple[ServerProcess, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    urls: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    variant: str = ""

    @property
    def title(self) -> str:
        """Its name, which never hides that it has a defect."""
        return titled(self.name, self.variant)

    def process(self, role: str) -> ServerProcess | None:
        """The server of that role."""
        return next((one for one in self.processes if one.role == role), None)


class Backend(Protocol):
    """Runs deployments: as child processes, as containers."""

    @property
    def name(self) -> str:
        """The word after `--backend`."""

    def check(self, request: DeploymentRequest) -> None:
        """Refuse what could not be started, before anything is touched."""

    def start(self, request: DeploymentRequest, progress: Progress) -> Deployment:
        """Start a deployment and return it once it is ready; on failure nothing is left running."""

    def stop(self, deployment: Deployment, progress: Progress) -> None:
        """End a deployment and everything it started. Stopping a stopped one does nothing."""

    def remove(self, deployment: Deployment) -> None:
        """Remove the data and logs of a deployment that has been stopped."""

    def deployments(self) -> tuple[Deployment, ...]:
        """Every deployment of this checkout that exists, running or not."""

    def secrets(self, deployment: Deployment) -> tuple[str, ...]:
        """What must appear in no output."""
