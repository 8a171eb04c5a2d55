"""Starts a container by testcontainers, and waits until all of a group answer."""

import asyncio
import time
from collections.abc import Iterable, Mapping
from typing import Any

from docker.errors import DockerException
from docker.types import EndpointConfig, LogConfig
from testcontainers.core.container import DockerContainer

from golive.adapters.containers.ground import Ground
from golive.adapters.containers.probes import is_healthy
from golive.adapters.containers.services import Service, app_environment
from golive.adapters.native.ports import LOOPBACK
from golive.adapters.native.units import minio, postgres
from golive.adapters.native.units.reference_service import ACCOUNT, OTHER_ACCOUNT
from golive.errors import DeploymentError
from golive.model.deployment import NOTHING, Progress

DEADLINE_SECONDS = 90.0
POLL_SECONDS = 0.1
TAIL_LINES = 15
RESTARTS = 4
API_VERSION = "1.40"
# A log that fills the disk of its machine takes all of its neighbours along.
LOG = LogConfig(type=LogConfig.types.JSON, config={"max-size": "10m", "max-file": "3"})


class Group:
    """Services that are started together, since none needs another of them."""

    def __init__(self, ground: Ground, network: str, limits: Mapping[str, str]) -> None:
        self._ground = ground
        self._network = network
        self._limits = limits

    async def start(self, services: Iterable[Service], progress: Progress) -> None:
        """Start them, and come back when all are healthy and ready."""
        begin = time.monotonic()
        chosen = list(services)
        containers = await asyncio.gather(*(asyncio.to_thread(self._run, one) for one in chosen))
        pairs = zip(chosen, containers, strict=True)
        await asyncio.gather(*(self._await(*pair, begin, progress) for pair in pairs))

    def _run(self, service: Service) -> DockerContainer:
        container = self._container(service.image, service.role, service.command)
        container.with_envs(**service.environment)
        for paths, mode in ((service.files, "ro"), (service.data, "rw")):
            for here, there in paths.items():
                container.with_volume_mapping(here, there, mode)
        for folder in service.scratch:
            container.with_tmpfs_mount(folder, "mode=1777")
        site = self._ground.outside
        settings: dict[str, Any] = {
            "restart_policy": {"Name": "unless-stopped"},
            "stop_signal": service.stop_signal,
            "mem_limit": self._limits[f"GOLIVE_MEMORY_{service.image.upper()}"],
        }
        if not service.own_user:
            # Whoever owns its data and may read its configuration.
            owner = site.data(service.role, site.account).stat()
            settings["user"] = f"{owner.st_uid}:{owner.st_gid}"
        if service.published:
            inside = self._ground.inside.port(service.role)
            # On loopback alone, which with_bind_ports cannot say.
            published: dict[str, Any] = {f"{inside}/tcp": (LOOPBACK, site.port(service.role))}
            container.ports = published
        return self._started(container, service.role, **settings)

    def run_to_end(
        self,
        role: str,
        command: tuple[str, ...],
        more: Mapping[str, str] = NOTHING,
        **settings: Any,
    ) -> None:
        """Run a command of the service, such as its migrations; `more` is for its environment."""
        container = self._container("app", role, command)
        container.with_envs(**{**app_environment(self._ground), **more})
        container.with_tmpfs_mount("/tmp", "mode=1777")  # noqa: S108 - in the container
        self._started(container, role, **settings)
        wrapped = container.get_wrapped_container()
        try:
            code = container.wait()
            if code:
                raise DeploymentError(f"{role} ended with {code}\n{_tail(container)}")
        finally:
            wrapped.remove(force=True)

    def _container(self, image: str, role: str, command: tuple[str, ...]) -> DockerContainer:
        return (
            DockerContainer(self._ground.images[image])
            .with_name(self._ground.container(role))
            .with_command(list(command))
        )

    def _started(self, container: DockerContainer, role: str, **settings: Any) -> DockerContainer:
        names: dict[str, Any] = {"aliases": [role]}
        if role in self._ground.inside.roles():
            names["ipv4_address"] = self._ground.inside.bind(role)
        container.with_kwargs(
            network=self._network,
            networking_config={self._network: EndpointConfig(API_VERSION, **names)},
            labels=self._ground.labels(role),
            read_only=True,
            cap_drop=["ALL"],
            security_opt=["no-new-privileges"],
            pids_limit=512,
            log_config=LOG,
            **settings,
        )
        try:
            return container.start()
        except DockerException as problem:
            raise DeploymentError(f"{role} could not be started: {problem}") from problem

    async def _await(
        self, service: Service, container: DockerContainer, begin: float, progress: Progress
    ) -> None:
        while not await is_healthy(self._ground, service.role):
            late = time.monotonic() - begin > DEADLINE_SECONDS
            if late or _dies_again_and_again(container):
                what = f"was not healthy within {DEADLINE_SECONDS:.0f} s" if late else "dies"
                raise DeploymentError(f"{service.role} {what}\n{_tail(container)}")
            await asyncio.sleep(POLL_SECONDS)
        progress(f"{service.role} ready ({time.monotonic() - begin:.1f} s)")


def prepare_stores(group: Group, ground: Ground) -> None:
    """Make the database, the bucket, and who may do what in them."""
    told = {"database": postgres.administration, "bucket": minio.administration}
    for what, administration in told.items():
        group.run_to_end(f"prepare-{what}", ("prepare", what), administration(ground.inside))


def prepare(group: Group, ground: Ground) -> None:
    """Migrate, and store the tokens of both accounts."""
    group.run_to_end("migrate", ("migrate",))
    tokens = {
        ACCOUNT: ground.outside.credentials.api_token,
        OTHER_ACCOUNT: ground.outside.credentials.other_token,
    }
    for account, token in tokens.items():
        # It is taken from stdin alone, and testcontainers has none to give.
        line = f'printf %s "$TOKEN" | tether token add --account {account}'
        group.run_to_end(f"token-{account}", ("-c", line), {"TOKEN": token}, entrypoint="sh")


def _dies_again_and_again(container: DockerContainer) -> bool:
    wrapped = container.get_wrapped_container()
    wrapped.reload()
    return bool(wrapped.attrs["RestartCount"] >= RESTARTS)


def _tail(container: DockerContainer) -> str:
    wrapped = container.get_wrapped_container()
    text = wrapped.logs(tail=TAIL_LINES).decode(errors="replace")
    return "\n".join(f"  | {line}" for line in text.splitlines())
