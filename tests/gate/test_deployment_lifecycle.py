"""The reference deployment as processes: what runs, what it leaves behind, however it ends."""

import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from dotenv import dotenv_values

from golive.adapters.native.backend import NativeBackend, order_for
from golive.adapters.native.client import KeeperClient
from golive.adapters.native.places import deployment_folder, find_checkout
from golive.adapters.native.state import lock_file, read_snapshot
from golive.adapters.native.unit import GRACE_SECONDS
from golive.model.deployment import DeploymentRequest, DeploymentState

ROOT = Path(__file__).parents[2]
GONE_SECONDS = 30.0
ROLES = {
    *("postgres", "redis-queue", "redis-cache", "minio", "toxiproxy", "nginx"),
    *("api-1", "api-2", "worker", "gateway"),
}

# Starts an attached deployment and says its name; an inherited pipe must not keep it alive.
OWNER = """
import os, signal, sys
from golive.adapters.deployments import reference_deployment
with reference_deployment(progress=lambda line: print(line, flush=True)) as deployment:
    # Blocked until both know what to do with it.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    bystander = os.fork()
    if bystander == 0:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    if bystander == 0:
        signal.pause()
    print("ready", deployment.name, bystander, flush=True)
    signal.pause()
"""


@dataclass(frozen=True)
class Owned:
    """A deployment of another process: the owner, the keeper, and every process below it."""

    owner: subprocess.Popen[str]
    folder: Path
    keeper: psutil.Process
    servers: Sequence[psutil.Process]


@contextmanager
def owned_deployment() -> Iterator[Owned]:
    """Start the owner and wait until its deployment is ready."""
    with subprocess.Popen(
        [sys.executable, "-c", OWNER], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as owner:
        assert owner.stdout is not None
        ready = next(line.split() for line in owner.stdout if line.startswith("ready"))
        folder = deployment_folder(find_checkout(), ready[1])
        snapshot = read_snapshot(folder)
        assert snapshot is not None
        keeper = psutil.Process(snapshot.keeper.pid)
        try:
            yield Owned(owner, folder, keeper, keeper.children(recursive=True))
        finally:
            os.kill(int(ready[2]), signal.SIGKILL)
            owner.kill()


def runs(process: psutil.Process) -> bool:
    """Whether it lives; what waits for somebody to take note of its end does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def still_there(processes: Sequence[psutil.Process]) -> list[str]:
    """Those that have not ended when the time is over."""
    _, alive = psutil.wait_procs(processes, timeout=GONE_SECONDS)
    return [f"{process.pid} {process.name()}" for process in alive if runs(process)]


def test_kill_9_of_the_owner_leaves_nothing() -> None:
    """When the command is killed, its keeper ends every server and removes the folder."""
    with owned_deployment() as owned:
        owned.owner.kill()

        assert still_there([*owned.servers, owned.keeper]) == []
        assert not owned.folder.exists()


def test_kill_9_of_the_keeper_leaves_no_process() -> None:
    """When the keeper is killed, the kernel ends every server; stopping clears the rest."""
    with owned_deployment() as owned:
        assert len(owned.servers) >= len(ROLES)

        owned.keeper.kill()

        assert still_there(owned.servers) == []
        backend = NativeBackend()
        left = next(one for one in backend.deployments() if one.folder == str(owned.folder))
        assert left.state is DeploymentState.ABANDONED
        backend.stop(left, print)
        assert not owned.folder.exists()
        assert not lock_file(owned.folder).exists()


@pytest.mark.parametrize("moment", ["postgres ready", "ready run-"])
def test_ctrl_c_leaves_nothing(moment: str) -> None:
    """Ctrl-C at any moment ends every server, removes the folder, and only then the command."""
    with subprocess.Popen(
        [sys.executable, "-c", OWNER],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    ) as owner:
        assert owner.stdout is not None
        next(line for line in owner.stdout if line.startswith(moment))
        below = psutil.Process(owner.pid).children(recursive=True)

        os.killpg(owner.pid, signal.SIGINT)
        owner.wait(GONE_SECONDS)

        assert below
        assert [one.name() for one in below if runs(one)] == []


def test_a_folder_with_a_space_and_an_apostrophe() -> None:
    """Every server understands its configuration, whatever the path of the deployment's folder."""
    # Below no folder that the account of PostgreSQL could not pass.
    with tempfile.TemporaryDirectory(prefix="it's a ", dir="/var/tmp") as parent:
        Path(parent).chmod(0o755)
        folder = Path(parent) / "deployment"
        request = DeploymentRequest("odd", attached=True)
        client = KeeperClient(folder, order_for(request, find_checkout()))
        try:
            client.await_ready(print)
            snapshot = read_snapshot(folder)
        finally:
            client.end()

        assert snapshot is not None
        assert snapshot.deployment.state is DeploymentState.READY
        assert list(Path(parent).iterdir()) == []


@pytest.fixture(scope="module")
def name(golive, tmp_path_factory) -> Iterator[str]:
    """The name of a deployment that `golive up` has started."""
    chosen = f"test-{secrets.token_hex(3)}"
    folder = tmp_path_factory.mktemp("anywhere")
    started = golive("up", "--name", chosen, "--set", "LONG_WAIT_OTHER_S=301", cwd=folder)
    assert started.returncode == 0, started.stderr
    assert "next: golive run" in started.stdout
    yield chosen
    golive("down", "--purge", "--name", chosen, cwd=folder)


def shown(golive, name: str, folder: Path) -> dict[str, object]:
    """What `golive ps --json` says of a deployment."""
    document = json.loads(golive("ps", "--json", cwd=folder).stdout)
    return next(one for one in document["deployments"] if one["name"] == name)


def test_ps_shows_every_server(golive, name, tmp_path) -> None:
    """`ps` names every server with the pid and the port that it really has."""
    deployment = shown(golive, name, tmp_path)
    processes = {one["role"]: one for one in deployment["processes"]}

    assert deployment["state"] == "ready"
    assert set(processes) >= ROLES
    assert {one["state"] for one in processes.values()} == {"running"}
    for role in ("postgres", "redis-queue", "minio", "toxiproxy", "api-1", "api-2"):
        listening = {
            one.laddr.port
            for one in psutil.Process(processes[role]["pid"]).net_connections("tcp")
            if one.status == psutil.CONN_LISTEN
        }
        assert processes[role]["port"] in listening


def test_the_target_file_and_its_secrets(name) -> None:
    """`up` writes the target file, and the secrets beside it for their owner alone."""
    target_file = ROOT / "targets" / f"{name}.toml"
    env_file = target_file.with_suffix(".env")

    assert env_file.stat().st_mode & 0o777 == 0o600
    secret_values = [value or "" for value in dotenv_values(env_file).values()]
    assert len(secret_values) == 8
    assert not [value for value in secret_values if value in target_file.read_text()]


def test_a_setting_of_the_service_is_set(golive, name, tmp_path) -> None:
    """`--set` reaches the service; a name that it would not read is refused, the next one named."""
    there = next(one for one in NativeBackend().deployments() if one.name == name)

    refused = golive("up", "--name", name, "--set", "LONG_WAIT_OTHERS=1", cwd=tmp_path)

    assert dotenv_values(Path(there.folder) / "app.env")["LONG_WAIT_OTHER_S"] == "301"
    assert refused.returncode == 3
    assert "no setting 'LONG_WAIT_OTHERS'" in refused.stderr
    assert "LONG_WAIT_OTHER_S" in refused.stderr
    assert shown(golive, name, tmp_path)["state"] == "ready"


def test_up_again_changes_nothing(golive, name, tmp_path) -> None:
    """A second `up` says that it is up already, with the same servers."""
    before = shown(golive, name, tmp_path)

    again = golive("up", "--name", name, cwd=tmp_path)

    assert again.returncode == 0
    assert "up already" in again.stdout
    assert shown(golive, name, tmp_path) == before


def test_two_deployments_do_not_meet(golive, name, deployment, tmp_path) -> None:
    """Deployments that run at once share no port, no process, no folder and no password."""
    other = shown(golive, name, tmp_path)
    ports = {one["port"] for one in other["processes"] if one["port"]}
    own_ports = {one.port for one in deployment.started.processes if one.port}
    backend = NativeBackend()
    there = next(one for one in backend.deployments() if one.name == name)

    assert len(own_ports) >= len(ROLES) - 1
    assert ports.isdisjoint(own_ports)
    assert other["folder"] != deployment.started.folder
    assert set(backend.secrets(there)).isdisjoint(deployment.secrets)


def test_logs_show_no_secrets(golive, name, tmp_path) -> None:
    """`logs` shows what a server wrote, and masks every generated password."""
    backend = NativeBackend()
    there = next(one for one in backend.deployments() if one.name == name)
    secret = backend.secrets(there)[0]
    log = Path(there.folder) / "logs" / "token.log"
    log.write_text(f"first\nconnecting with {secret}\n")

    printed = golive("logs", "token", "-n", "1", "--name", name, cwd=tmp_path)

    assert printed.stdout == "connecting with [redacted]\n"


def test_logs_of_an_unknown_role(golive, name, tmp_path) -> None:
    """A role that is not there is answered with those that are."""
    printed = golive("logs", "apache", "--name", name, cwd=tmp_path)

    assert printed.returncode == 3
    assert "nginx" in printed.stderr


def test_a_killed_server_is_started_again_and_down_ends_all(golive, name, tmp_path) -> None:
    """A server that dies later is replaced, which is shown; `down` ends every one, once, and the
    paused as quickly as the others.
    """
    before = {one["role"]: one for one in shown(golive, name, tmp_path)["processes"]}
    killed = psutil.Process(before["api-1"]["pid"])
    killed.kill()
    killed.wait(GONE_SECONDS)
    deadline = time.monotonic() + GONE_SECONDS
    while (after := shown(golive, name, tmp_path))["processes"] == list(before.values()) or {
        one["state"] for one in after["processes"]
    } != {"running"}:
        assert time.monotonic() < deadline
    processes = {one["role"]: psutil.Process(one["pid"]) for one in after["processes"]}
    keeper = psutil.Process(after["keeper_pid"])
    processes["redis-cache"].suspend()

    table = golive("ps", cwd=tmp_path, env={"COLUMNS": "250"}).stdout
    begin = time.monotonic()
    down = golive("down", "--name", name, cwd=tmp_path)
    seconds = time.monotonic() - begin
    again = golive("down", "--name", name, cwd=tmp_path)

    (row,) = [line.split() for line in table.splitlines() if f" {processes['api-1'].pid} " in line]
    assert processes["api-1"].pid != killed.pid
    assert row[:2] == ["api-1", "running"]
    assert row[-2] == "1"
    assert "redis-cache  paused" in table
    assert down.returncode == again.returncode == 0
    assert seconds < GRACE_SECONDS
    assert "api-2" in down.stdout
    assert "nothing to end" in again.stdout
    assert still_there([*processes.values(), keeper]) == []
    assert not (ROOT / "targets" / f"{name}.toml").exists()
    assert not (ROOT / "targets" / f"{name}.env").exists()


@pytest.mark.parametrize("ending", ["exit 7", "sleep 0.4; exit 7"])
def test_a_server_that_dies_while_starting(golive, tmp_path, ending) -> None:
    """The error names the server and shows the end of its log; nothing is left running."""
    broken = tmp_path / "redis-server"
    broken.write_text(
        '#!/bin/sh\n[ "$1" = --version ] && echo "Redis server v=7.9.9" && exit\n'
        f'echo "Fatal: the moon is in the way" >&2\n{ending}\n'
    )
    broken.chmod(0o755)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    name = f"test-{secrets.token_hex(3)}"

    started = golive("up", "--name", name, cwd=tmp_path, env={"PATH": path})
    deployment = shown(golive, name, tmp_path)
    golive("down", "--purge", "--name", name, cwd=tmp_path)

    assert started.returncode == 3
    assert "redis-" in started.stderr
    assert "exit 7" in started.stderr
    assert "the moon is in the way" in started.stderr
    assert deployment["state"] == "failed"
    alive = [one["role"] for one in deployment["processes"] if one["state"] == "running"]
    assert alive == []
    assert not psutil.pid_exists(deployment["keeper_pid"])
    assert not Path(deployment["folder"]).exists()
