"""Keeps the logs of a deployment's containers as files: `python -m … DEPLOYMENT_FOLDER`.

It ends with its containers. Where they were to end with a command that has been killed, it ends
them.
"""

import sys
import threading
import time
from pathlib import Path

from docker import DockerClient
from docker.errors import DockerException, NotFound

from golive.adapters.containers.engine import ROLE, containers, engine, sweep
from golive.adapters.containers.ground import Ground, read_ground
from golive.adapters.containers.view import is_abandoned
from golive.errors import DeploymentError

LOOK_EVERY_SECONDS = 0.3
# As the engine writes them: 2026-01-05T08:00:00.000000000Z
STAMP_BYTES = 30


def follow(ground: Ground, role: str) -> None:
    """Append what a container writes to its file, until the container is gone."""
    last = b""
    with engine(ground.engine) as client, ground.outside.log(role).open("ab", buffering=0) as file:
        while True:
            container = client.containers.get(ground.container(role))
            since = _epoch_seconds(last)
            for line in container.logs(stream=True, follow=True, timestamps=True, since=since):
                stamp, text = line[:STAMP_BYTES], line[STAMP_BYTES + 1 :]
                # It is asked by whole seconds, so some come again.
                if stamp > last:
                    file.write(text)
                    last = stamp
            # Stopped; perhaps it is started again.
            time.sleep(LOOK_EVERY_SECONDS)


def _epoch_seconds(stamp: bytes) -> int:
    if not stamp:
        return 1  # The engine takes no zero.
    return int(time.mktime(time.strptime(stamp[:19].decode(), "%Y-%m-%dT%H:%M:%S"))) - time.timezone


def _follow_quietly(ground: Ground, role: str) -> None:
    try:
        follow(ground, role)
    except (NotFound, DockerException, DeploymentError, OSError):
        return


def live(folder: Path) -> None:
    """Follow every container, and look after those whose command has been killed."""
    ground = read_ground(folder)
    if ground is None:
        return
    with engine(ground.engine) as client:
        for container in containers(client, ground.labels()):
            words = (ground, container.labels[ROLE])
            threading.Thread(target=_follow_quietly, args=words, daemon=True).start()
        while _is_wanted(client, folder):
            time.sleep(LOOK_EVERY_SECONDS)


def _is_wanted(client: DockerClient, folder: Path) -> bool:
    ground = read_ground(folder)
    if ground is None:
        return False
    if is_abandoned(ground):
        sweep(client, ground.labels())
        return False
    return bool(client.containers.list(all=True, filters={"label": _mark(ground)}))


def _mark(ground: Ground) -> list[str]:
    return [f"{name}={value}" for name, value in ground.labels().items()]


if __name__ == "__main__":
    live(Path(sys.argv[1]))
