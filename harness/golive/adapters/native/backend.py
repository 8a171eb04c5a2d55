"""The native backend: deployments as child processes of a keeper each."""

import os
import re
import shutil
import signal
from dataclasses import replace
from pathlib import Path

import psutil

from golive.adapters.native import credentials, overrides, places, processes, target, variants
from golive.adapters.native.client import KeeperClient
from golive.adapters.native.machine import existing_parent
from golive.adapters.native.processes import Identity
from golive.adapters.native.servers.provision import survey
from golive.adapters.native.servers.wanted import Found, Missing
from golive.adapters.native.state import (
    AT_WORK,
    Order,
    Snapshot,
    lock_file,
    read_snapshot,
    survivors,
    with_pauses,
    write_snapshot,
)
from golive.errors import DeploymentError, ProvisioningError
from golive.model.deployment import (
    Deployment,
    DeploymentRequest,
    DeploymentState,
    Progress,
    titled,
)

NEEDED_SPACE_BYTES = 500 * 1024**2
STOP_SECONDS = 90.0
SURVIVOR_SECONDS = 10.0
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,30}")


class NativeBackend:
    """Deployments of the checkout that this command runs from."""

    name = "native"

    def __init__(self) -> None:
        self._attached: dict[str, KeeperClient] = {}

    def check(self, request: DeploymentRequest) -> None:
        """Refuse an unknown variant or setting. What the machine lacks is seen by `start`."""
        checkout = places.find_checkout()
        variants.find(checkout, request.variant)
        overrides.require_known(checkout, request.settings)

    def start(self, request: DeploymentRequest, progress: Progress) -> Deployment:
        """Start a deployment; whatever goes wrong or interrupts, nothing stays."""
        self.check(request)
        checkout = places.find_checkout()
        variant = variants.find(checkout, request.variant)
        if variant is not None:
            progress(f"variant {variant.id}: {variant.defect}")
        order = order_for(request, checkout)
        folder = places.deployment_folder(checkout, request.name)
        require_own_data(folder, request)
        _require_space(folder)
        for one in self.deployments():
            _clear_if_abandoned(Path(one.folder), progress)
        client = KeeperClient(folder, order)
        try:
            client.await_ready(progress)
            deployment = _read(folder)
            if not request.attached:
                client.detach()
        except BaseException:
            client.end()
            raise
        if request.attached:
            self._attached[request.name] = client
        return deployment

    def stop(self, deployment: Deployment, progress: Progress) -> None:
        """End it: through its pipe if it is ours, else by asking its keeper."""
        client = self._attached.pop(deployment.name, None)
        if client is not None:
            client.end()
            return
        folder = Path(deployment.folder)
        snapshot = read_snapshot(folder)
        if snapshot is not None:
            _stop_keeper(snapshot, progress)
            _clear_if_abandoned(folder, progress)

    def remove(self, deployment: Deployment) -> None:
        """Remove its folder."""
        folder = Path(deployment.folder)
        shutil.rmtree(folder, ignore_errors=True)
        lock_file(folder).unlink(missing_ok=True)

    def deployments(self) -> tuple[Deployment, ...]:
        """Every deployment of this checkout."""
        return tuple(with_pauses(snapshot) for snapshot in _snapshots())

    def secrets(self, deployment: Deployment) -> tuple[str, ...]:
        """The generated passwords."""
        return credentials.load(Path(deployment.folder)).all()


def _read(folder: Path) -> Deployment:
    snapshot = read_snapshot(folder)
    if snapshot is None:
        raise DeploymentError(f"{folder} holds no state of the deployment")
    return snapshot.deployment


def order_for(request: DeploymentRequest, checkout: Path) -> Order:
    """What a keeper is told, with the servers that this machine has."""
    if not NAME.fullmatch(request.name):
        raise DeploymentError(
            f"{request.name!r} is no name for a deployment",
            remedy="Use up to 31 small letters, digits and hyphens.",
        )
    if request.api_nodes < 1:
        raise DeploymentError("a deployment needs at least one API node")
    if not (checkout / "reference_app" / "api.py").is_file():
        raise DeploymentError(
            f"{checkout} holds no reference service",
            remedy="Give a TARGET file, or run this in a complete clone.",
        )
    servers = survey()
    lacking = [one for one in servers if isinstance(one, Missing)]
    required = [one for one in lacking if one.required]
    if required:
        reasons = "".join(f"\n  {one.name}: {one.reason}" for one in required)
        raise ProvisioningError(
            f"the reference deployment needs servers that are missing:{reasons}",
            remedy="This mends it: golive doctor --fix",
        )
    return Order(
        request=request,
        checkout=checkout,
        servers=tuple(one for one in servers if isinstance(one, Found)),
        left_out={one.name: one.reason for one in lacking},
    )


def require_own_data(folder: Path, request: DeploymentRequest) -> None:
    """What a defect has done to the data stays in it, and would be taken for another's doing."""
    snapshot = read_snapshot(folder)
    if snapshot and not request.fresh and snapshot.deployment.variant != request.variant:
        wanted = titled(request.name, request.variant)
        raise DeploymentError(
            f"{snapshot.deployment.title} has data, which is no ground for {wanted}",
            remedy="Start with empty data by --fresh, or choose another --name.",
        )


def _require_space(folder: Path) -> None:
    parent = existing_parent(folder)
    free = shutil.disk_usage(parent).free
    if free < NEEDED_SPACE_BYTES:
        raise DeploymentError(
            f"the disk is full: {free / 1024**2:.0f} MB are free in {parent}, "
            f"and a deployment needs {NEEDED_SPACE_BYTES / 1024**2:.0f} MB",
            remedy="Make room there, or let XDG_STATE_HOME name a folder on another disk.",
        )


def _snapshots() -> list[Snapshot]:
    checkout = places.checkout_id(places.find_checkout())
    state = places.state_folder()
    # Where this user may not look there is nothing of theirs, and glob would raise.
    folders = state.glob(f"{checkout}-*") if os.access(state, os.R_OK | os.X_OK) else ()
    found = []
    for folder in sorted(folders):
        snapshot = read_snapshot(folder)
        if snapshot is not None:
            found.append(snapshot)
    return found


def _stop_keeper(snapshot: Snapshot, progress: Progress) -> None:
    keeper = snapshot.keeper.process()
    if keeper is None or snapshot.deployment.state not in AT_WORK:
        return
    keeper.send_signal(signal.SIGTERM)
    try:
        keeper.wait(STOP_SECONDS)
    except psutil.TimeoutExpired:
        progress(f"the keeper (pid {keeper.pid}) did not stop within {STOP_SECONDS:.0f} s: killed")
        keeper.kill()


def _clear_if_abandoned(folder: Path, progress: Progress) -> None:
    """Tidy up after a keeper that was killed: its servers, its target file, its folder."""
    snapshot = read_snapshot(folder)
    if snapshot is None or snapshot.deployment.state is not DeploymentState.ABANDONED:
        return
    deployment = snapshot.deployment
    progress(f"clearing what a killed keeper left of {deployment.name}")
    for identity in survivors(snapshot):
        _end_survivor(identity, progress)
    if snapshot.attached:
        shutil.rmtree(folder, ignore_errors=True)
        lock_file(folder).unlink(missing_ok=True)
        return
    if deployment.target_file:
        target.remove(Path(deployment.target_file))
    stopped = replace(deployment, state=DeploymentState.STOPPED)
    write_snapshot(folder, replace(snapshot, deployment=stopped))


def _end_survivor(identity: Identity, progress: Progress) -> None:
    """The kernel has told it to stop when the keeper died, but that may take a while."""
    process = identity.process()
    if process is None:
        return
    try:
        process.wait(SURVIVOR_SECONDS)
    except psutil.TimeoutExpired:
        progress(f"killing pid {identity.pid}, left behind")
        processes.kill(identity.pid)
