"""A real Docker engine: the one that is there, or one of our own for the time of the tests."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import docker
import pytest
from docker import DockerClient
from docker.errors import ImageNotFound

ROOT = Path(__file__).parents[2]
STORE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "golive/docker"
"""Images outlive the tests, so that they are built once."""

USUAL = "unix:///var/run/docker.sock"
IMAGES = ("app", "gateway", "postgres", "redis", "pgbouncer", "nginx", "minio", "toxiproxy")
START_SECONDS = 30.0
POLL_SECONDS = 0.1


@pytest.fixture(scope="session")
def docker_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an engine. Skipped with the reason where there is none and none may be
    started.
    """
    if _answers(os.environ.get("DOCKER_HOST", "")):
        yield os.environ.get("DOCKER_HOST", "")
        return
    program = shutil.which("dockerd")
    if program is None:
        pytest.skip("no Docker engine answers, and dockerd is not installed")
    if os.geteuid() != 0:
        pytest.skip("no Docker engine answers, and only root may start one")
    # Short: a socket's path has 107 characters at most.
    state = tmp_path_factory.mktemp("d", numbered=True)
    host = f"unix://{state}/docker.sock"
    STORE.mkdir(parents=True, exist_ok=True)
    places = ("--data-root", STORE, "--exec-root", state / "exec", "--pidfile", state / "pid")
    with (state / "log").open("wb") as log:
        # Published ports are for this machine alone.
        started = subprocess.Popen(
            [program, *places, "-H", host, "--ip", "127.0.0.1"], stdout=log, stderr=log
        )
    try:
        _await(host, started, state / "log")
        yield host
    finally:
        started.terminate()
        started.wait(timeout=60)


def _await(host: str, started: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while not _answers(host):
        if started.poll() is not None or time.monotonic() > until:
            last = log.read_text(errors="replace").splitlines()[-1:]
            pytest.skip(f"the Docker engine does not start here: {last}")
        time.sleep(POLL_SECONDS)


def _answers(host: str) -> bool:
    """Whether somebody listens there. Docker's client leaves a socket open where nobody does."""
    place = urlsplit(host or USUAL)
    try:
        if place.scheme == "unix":
            with socket.socket(socket.AF_UNIX) as probe:
                probe.connect(place.path)
        else:
            socket.create_connection((place.hostname or "", place.port or 0), 2.0).close()
    except OSError:
        return False
    return True


@pytest.fixture(scope="session")
def engine(docker_host: str) -> Iterator[DockerClient]:
    """An engine that has the images; commands that are called meanwhile use it too."""
    before = os.environ.get("DOCKER_HOST")
    if docker_host:
        os.environ["DOCKER_HOST"] = docker_host
    client = docker.from_env()
    try:
        if any(not _is_there(client, name) for name in IMAGES):
            subprocess.run(["make", "images"], cwd=ROOT, check=True)
        yield client
    finally:
        client.close()
        if before is None:
            os.environ.pop("DOCKER_HOST", None)


def _is_there(client: DockerClient, name: str) -> bool:
    try:
        client.images.get(f"golive/{name}")
    except ImageNotFound:
        return False
    return True
