"""Acts on the containers of a running deployment, as its target file's commands do.

`python -m … FOLDER ROLE status|start|kill|…`. Docker does not start again what it was itself told
to end, so what kills or terminates also starts: in the place of a supervisor, at once.
"""

import asyncio
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from docker import DockerClient
from docker.errors import DockerException, NotFound
from docker.models.containers import Container

from golive.adapters.containers import parts_inside
from golive.adapters.containers.engine import engine
from golive.adapters.containers.ground import Ground, read_ground
from golive.adapters.containers.probes import is_healthy
from golive.adapters.native.control import roles
from golive.adapters.native.control.calling import answer
from golive.adapters.native.control.deployed import await_true
from golive.adapters.native.control.roles import PAUSED, RUNNING, STOPPED
from golive.adapters.native.state import AT_WORK
from golive.errors import DeploymentError

GONE: Mapping[str, str] = {"status": "gone"}
POLL_SECONDS = 0.1
TERMINATE_SECONDS = int(roles.TERMINATE_SECONDS)
FROZEN = "T"


@dataclass(frozen=True)
class ContainerRole:
    """A container and what may be done to it."""

    ground: Ground
    container: Container
    role: str

    def status(self) -> str:
        """One word; running when it answers."""
        if self.container.status == "paused":
            return PAUSED
        return RUNNING if self._answers() else STOPPED

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self.container.start()
        await_true(self._answers, f"{self.role} answers", POLL_SECONDS)

    def kill(self) -> None:
        """SIGKILL, and a new one."""
        self.stop()
        self.container.start()

    def terminate(self) -> None:
        """Tell it to end in its own way, and start a new one."""
        self.container.stop(timeout=TERMINATE_SECONDS)
        self.container.start()

    def restart(self) -> None:
        """The same, and wait until the new one answers."""
        self.terminate()
        await_true(self._answers, f"{self.role} answers", POLL_SECONDS)

    def pause(self) -> None:
        """Stop it in its tracks."""
        if self.container.status == "running":
            self.container.pause()

    def resume(self) -> None:
        """Let it go on."""
        if self.container.status == "paused":
            self.container.unpause()

    def stop(self) -> None:
        """SIGKILL, and wait for the end."""
        if self.container.status in ("running", "restarting"):
            self.container.kill()
            self.container.wait()

    def _answers(self) -> bool:
        self.container.reload()
        running = self.container.status == "running"
        return running and asyncio.run(is_healthy(self.ground, self.role))


@dataclass(frozen=True)
class PartRole:
    """Processes below the worker by their names; it starts each again."""

    worker: Container
    names: tuple[str, ...]

    def status(self) -> str:
        """One word; running when none of them is missing."""
        states = dict(line.split() for line in self._act("list").splitlines())
        if FROZEN in states.values():
            return PAUSED
        return STOPPED if set(self.names).difference(states) else RUNNING

    def start(self) -> None:
        """Wait until the worker has started it."""
        what = f"there is a {' and a '.join(self.names)}"
        await_true(lambda: self.status() != STOPPED, what, POLL_SECONDS)

    def kill(self) -> None:
        """SIGKILL, and wait for the end."""
        self._act("signal", str(int(signal.SIGKILL)))

    def terminate(self) -> None:
        """Tell it to end in its own way, and wait for the end."""
        self._act("signal", str(int(signal.SIGTERM)))

    def restart(self) -> None:
        """The same, and wait until a new one is there."""
        self.terminate()
        self.start()

    def pause(self) -> None:
        """Stop one of them and its descendants in their tracks."""
        self._act("freeze")

    def resume(self) -> None:
        """Let all of them go on."""
        self._act("thaw")

    def _act(self, *words: str) -> str:
        self.worker.reload()
        if self.worker.status != "running":
            return ""
        script = Path(parts_inside.__file__).read_text()
        ran = self.worker.exec_run(["python3", "-c", script, *words, *self.names], demux=True)
        out, errors = ran.output
        if ran.exit_code:
            reason = (errors or b"").decode(errors="replace")[-500:]
            raise DeploymentError(f"{words[0]} {' '.join(self.names)}: {reason or ran.exit_code}")
        return (out or b"").decode()


def act(folder: Path, name: str, verb: str) -> str | None:
    """Do it; what there is to print."""
    ground = read_ground(folder)
    if ground is None or ground.state not in AT_WORK:
        if verb in GONE:
            return GONE[verb]
        raise DeploymentError(f"{folder} holds no deployment", remedy="See: golive ps --json")
    with engine(ground.engine) as client:
        role = _find(client, ground, name)
        known = roles.verbs(type(role))
        if verb not in known:
            raise DeploymentError(f"{name} has no {verb}", remedy=f"It has: {', '.join(known)}")
        return known[verb](role)


def _find(client: DockerClient, ground: Ground, name: str) -> ContainerRole | PartRole:
    worker = name in roles.PARTS or name == f"{roles.WORKER}-node"
    role = roles.WORKER if worker else name
    try:
        container = client.containers.get(ground.container(role))
    except NotFound:
        raise DeploymentError(f"there is no container of {name}", remedy="See: golive ps") from None
    if name in roles.PARTS:
        return PartRole(container, roles.PARTS[name])
    return ContainerRole(ground, container, role)


def _asked(folder: Path, name: str, verb: str) -> str | None:
    try:
        return act(folder, name, verb)
    except DockerException as problem:
        raise DeploymentError(f"the Docker engine refused: {problem}") from problem


if __name__ == "__main__":
    sys.exit(answer(_asked, __spec__.name, sys.argv[1:]))
