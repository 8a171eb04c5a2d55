"""A deployment of containers as it is now: what is remembered, corrected by the engine."""

from datetime import datetime

from docker import DockerClient
from docker.models.containers import Container

from golive.adapters.containers.engine import ROLE, containers, engine
from golive.adapters.containers.ground import Ground
from golive.adapters.native.state import AT_WORK
from golive.adapters.native.units.nginx import base_url
from golive.errors import DeploymentError
from golive.model.deployment import Deployment, DeploymentState, ProcessState, ServerProcess

STATES = {
    "created": ProcessState.STARTING,
    "running": ProcessState.RUNNING,
    "restarting": ProcessState.STARTING,
    "paused": ProcessState.PAUSED,
}


def is_abandoned(ground: Ground) -> bool:
    """Whether it was to end with a command, or to be started by one, that has been killed."""
    detached = ground.state is DeploymentState.READY and not ground.request.attached
    return ground.state in AT_WORK and not detached and not ground.owner.alive()


def look(ground: Ground) -> Deployment:
    """The deployment now. Where the engine does not answer nothing of it runs."""
    processes: tuple[ServerProcess, ...] = ()
    state = ground.state
    if state in AT_WORK:
        try:
            with engine(ground.engine) as client:
                processes = _processes(client, ground)
        except DeploymentError:
            processes = ()
        if is_abandoned(ground) or (state is DeploymentState.READY and not processes):
            state = DeploymentState.ABANDONED
    site = ground.outside
    return Deployment(
        name=ground.request.name,
        backend="containers",
        folder=str(ground.folder),
        state=state,
        base_url=base_url(site),
        target_file=ground.target_file,
        processes=processes,
        left_out=dict(ground.left_out),
        urls={
            role: f"http://{site.address(role)}"
            for role in (*site.api_roles(), "minio", "toxiproxy")
        },
    )


def _processes(client: DockerClient, ground: Ground) -> tuple[ServerProcess, ...]:
    found = [_process(one, ground) for one in containers(client, ground.labels())]
    return tuple(sorted(found, key=lambda one: one.role))


def _process(container: Container, ground: Ground) -> ServerProcess:
    role = container.labels[ROLE]
    now = container.attrs["State"]
    running = now["Running"]
    return ServerProcess(
        role=role,
        state=STATES.get(container.status, ProcessState.DIED),
        pid=now["Pid"] or None,
        since=_epoch_seconds(now["StartedAt"]) if running else None,
        port=ground.ports.get(role),
        exit_code=None if running else now["ExitCode"],
        log=str(ground.outside.log(role)),
        restarts=container.attrs["RestartCount"],
    )


def _epoch_seconds(stamp: str) -> float:
    # Nanoseconds are more than the parser takes.
    return datetime.fromisoformat(f"{stamp[:19]}+00:00").timestamp()
