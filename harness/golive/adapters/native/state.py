"""What a keeper tells the world about its deployment: state.json, always whole."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from golive.adapters.native import processes
from golive.adapters.native.processes import Identity
from golive.adapters.native.servers.wanted import Found
from golive.model.deployment import (
    Deployment,
    DeploymentRequest,
    DeploymentState,
    ProcessState,
    ServerProcess,
)

STATE_FILE = "state.json"

LIVING = (ProcessState.STARTING, ProcessState.RUNNING)
AT_WORK = (DeploymentState.STARTING, DeploymentState.READY, DeploymentState.STOPPING)


@dataclass(frozen=True)
class Order:
    """What the owner wants a keeper to run."""

    request: DeploymentRequest
    checkout: Path
    servers: tuple[Found, ...]
    left_out: Mapping[str, str]


@dataclass(frozen=True)
class Snapshot:
    """A deployment at one moment, with the keeper that looked at it and its servers by role."""

    deployment: Deployment
    keeper: Identity
    servers: Mapping[str, Identity]
    attached: bool
    saved: float
    stop_signals: Mapping[str, int] = field(default_factory=dict)


_ORDER = TypeAdapter(Order)
_SNAPSHOT = TypeAdapter(Snapshot)


def lock_file(folder: Path) -> Path:
    """What the keeper of a deployment holds a lock on; beside the folder, which may come and go."""
    return folder.parent / f".{folder.name}.lock"


def order_line(order: Order) -> bytes:
    """The order as one line, for the keeper's stdin."""
    return _ORDER.dump_json(order) + b"\n"


def parse_order(line: bytes) -> Order:
    """The order that came over stdin."""
    return _ORDER.validate_json(line)


def write_snapshot(folder: Path, snapshot: Snapshot) -> None:
    """Replace the state file in one step."""
    scratch = folder / f".{STATE_FILE}.new"
    scratch.write_bytes(_SNAPSHOT.dump_json(snapshot, indent=2))
    scratch.replace(folder / STATE_FILE)


def read_snapshot(folder: Path) -> Snapshot | None:
    """The deployment as it really is: what the file says, corrected by which processes live."""
    try:
        snapshot = _SNAPSHOT.validate_json((folder / STATE_FILE).read_bytes())
    except (OSError, ValidationError, json.JSONDecodeError):
        return None
    if snapshot.keeper.alive() or snapshot.deployment.state not in AT_WORK:
        return snapshot
    living = {role for role, identity in snapshot.servers.items() if identity.alive()}
    deployment = replace(
        snapshot.deployment,
        state=DeploymentState.ABANDONED,
        processes=tuple(_corrected(one, living) for one in snapshot.deployment.processes),
    )
    return replace(snapshot, deployment=deployment)


def with_pauses(snapshot: Snapshot) -> Deployment:
    """The same with what has been paused, which costs a look at every process."""
    paused = {
        role
        for role, identity in snapshot.servers.items()
        if identity.alive() and any(map(processes.is_paused, processes.family(identity.pid)))
    }
    return replace(
        snapshot.deployment,
        processes=tuple(
            replace(one, state=ProcessState.PAUSED) if one.role in paused else one
            for one in snapshot.deployment.processes
        ),
    )


def survivors(snapshot: Snapshot) -> tuple[Identity, ...]:
    """The servers that still run."""
    return tuple(identity for identity in snapshot.servers.values() if identity.alive())


def _corrected(process: ServerProcess, living: Collection[str]) -> ServerProcess:
    if process.state not in LIVING or process.role in living:
        return process
    return replace(process, state=ProcessState.DIED)
