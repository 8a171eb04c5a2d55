"""The containers backend: deployments on a private network of a Docker engine."""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from docker import DockerClient

from golive.adapters.containers import follower, images, offers, services, view
from golive.adapters.containers.engine import deployments_there, engine, labels, sweep
from golive.adapters.containers.ground import Ground, deployment_folder, read_ground
from golive.adapters.containers.laying import lay, network_of, require_possible
from golive.adapters.containers.starting import Group, prepare, prepare_stores
from golive.adapters.native import credentials, overrides, places, target
from golive.model.deployment import Deployment, DeploymentRequest, DeploymentState, Progress

STOP_SECONDS = 60


class ContainersBackend:
    """Deployments of the checkout that this command runs from."""

    name = "containers"

    def check(self, request: DeploymentRequest) -> None:
        """Refuse what containers cannot be asked for, and settings that the service has not."""
        require_possible(request)
        overrides.require_known(places.find_checkout(), request.settings)

    def start(self, request: DeploymentRequest, progress: Progress) -> Deployment:
        """Start a deployment; whatever goes wrong or interrupts, nothing stays."""
        self.check(request)
        checkout = places.find_checkout()
        folder = deployment_folder(checkout, request.name)
        with engine() as client:
            sweep_abandoned(client, checkout, progress)
            # Containers that somebody removed by hand leave their network, whose name we need.
            sweep(client, labels(places.checkout_id(checkout), request.name))
            target.require_free(_target_file(request, checkout, folder))
            try:
                ground = lay(client, request, checkout)
                asyncio.run(_start(ground, progress))
                ground = _announce(ground)
            except BaseException:
                _clear(client, checkout, request.name)
                raise
            return view.look(ground)

    def stop(self, deployment: Deployment, progress: Progress) -> None:
        """End its containers; what it has stored stays."""
        ground = read_ground(Path(deployment.folder))
        if ground is None:
            return
        with engine(ground.engine) as client:
            progress(f"stopping the containers of {deployment.name}")
            sweep(client, ground.labels(), STOP_SECONDS)
            _clear(client, ground.checkout, deployment.name)

    def remove(self, deployment: Deployment) -> None:
        """Remove its folder."""
        shutil.rmtree(deployment.folder, ignore_errors=True)

    def deployments(self) -> tuple[Deployment, ...]:
        """Every deployment of this checkout."""
        return tuple(view.look(ground) for ground in _grounds(places.find_checkout()))

    def secrets(self, deployment: Deployment) -> tuple[str, ...]:
        """The generated passwords."""
        return credentials.load(Path(deployment.folder)).all()


def sweep_abandoned(client: DockerClient, checkout: Path, progress: Progress) -> None:
    """Remove what killed commands have left, of which perhaps only labels know."""
    kept = {ground.request.name for ground in _grounds(checkout) if not view.is_abandoned(ground)}
    for name in sorted(deployments_there(client, places.checkout_id(checkout)) - kept):
        progress(f"clearing the containers that a killed golive left of {name}")
        _clear(client, checkout, name)


async def _start(ground: Ground, progress: Progress) -> None:
    group = Group(ground, network_of(ground), images.values(ground.checkout))
    services.write_environment(ground)
    await group.start(services.stores(ground), progress)
    await asyncio.to_thread(prepare_stores, group, ground)
    await group.start(services.ways(ground), progress)
    await asyncio.to_thread(prepare, group, ground)
    await group.start(services.service(ground), progress)
    await group.start(services.entrance(ground), progress)


def _announce(ground: Ground) -> Ground:
    """Write the target file, and let the follower keep the logs as files."""
    target_file = _target_file(ground.request, ground.checkout, ground.folder)
    # Known before it is there, so that a failure half way leaves nothing either.
    ground = ground.entering(DeploymentState.STARTING, str(target_file))
    subprocess.Popen(
        [sys.executable, "-P", "-m", follower.__name__, str(ground.folder)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=ground.folder,
        start_new_session=True,
    )
    target.write_with(ground.outside, target_file, offers.made_by(ground))
    return ground.entering(DeploymentState.READY, str(target_file))


def _target_file(request: DeploymentRequest, checkout: Path, folder: Path) -> Path:
    if request.attached:
        return folder / "reference.toml"
    return checkout / "targets" / f"{request.name}.toml"


def _clear(client: DockerClient, checkout: Path, name: str) -> None:
    """Containers, network and target file go; of an attached deployment its folder as well."""
    sweep(client, labels(places.checkout_id(checkout), name))
    ground = read_ground(deployment_folder(checkout, name))
    if ground is None:
        return
    if ground.target_file:
        target.remove(Path(ground.target_file))
    if ground.request.attached:
        shutil.rmtree(ground.folder, ignore_errors=True)
    else:
        ground.entering(DeploymentState.STOPPED)


def _grounds(checkout: Path) -> Iterator[Ground]:
    state = places.state_folder()
    # Where this user may not look there is nothing of theirs, and glob would raise.
    if not os.access(state, os.R_OK | os.X_OK):
        return
    for folder in sorted(state.glob(deployment_folder(checkout, "*").name)):
        ground = read_ground(folder)
        if ground is not None:
            yield ground
