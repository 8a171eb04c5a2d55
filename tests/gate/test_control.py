"""What drills do to the reference deployment's processes, and how these come back."""

import json
import shlex
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from golive.adapters.native.control import roles
from golive.adapters.native.control.__main__ import main
from golive.adapters.native.processes import Identity, family, is_paused, lives
from reference_app.queueing.policies import QUEUES

ROOT = Path(__file__).parents[2]
BACK_SECONDS = 20.0
SERVERS = (
    *("api-1", "api-2", "worker", "worker-node", "pgbouncer", "postgres"),
    *("redis-queue", "redis-cache", "minio", "nginx"),
)
PARTS = ("work-horse", "upload-worker", "scheduler", "janitor", "balancer", "clock")
WORDS = {"status", "start", "kill", "terminate", "restart", "pause", "resume", "stop"}


@pytest.fixture
def find(deployed) -> Callable[[str], roles.Role]:
    """A role that runs."""

    def one(name: str) -> roles.Role:
        if name == "pgbouncer" and name in deployed.snapshot().deployment.left_out:
            pytest.skip("this machine has no pgbouncer")
        role = roles.find(deployed, name)
        await_status(role, "running")
        return role

    return one


def await_status(role: roles.Role, word: str) -> None:
    """Wait until the role says that word."""
    deadline = time.monotonic() + BACK_SECONDS
    while role.status() != word:
        assert time.monotonic() < deadline, f"{role} is {role.status()}, not {word}"
        time.sleep(0.02)


def comes_back(role: roles.Role) -> bool:
    """Whether it runs again within longer than the pause before a restart."""
    deadline = time.monotonic() + 0.8
    while role.status() != "running" and time.monotonic() < deadline:
        time.sleep(0.05)
    return role.status() == "running"


def shown(golive, name: str) -> dict[str, dict[str, object]]:
    """What `golive ps` says of each server."""
    document = json.loads(golive("ps", "--json", cwd=ROOT).stdout)
    (deployment,) = [one for one in document["deployments"] if one["name"] == name]
    return {one["role"]: one for one in deployment["processes"]}


@pytest.mark.parametrize("name", [*SERVERS, *PARTS])
def test_what_was_killed_comes_back(deployed, find, name) -> None:
    """A killed process is gone when the command ends, and comes back by itself."""
    role = find(name)
    before = role._parts() if name in PARTS else family(deployed.living(role.role).pid)[:1]

    role.kill()

    assert [one for one in before if not lives(one)]
    await_status(role, "running")


@pytest.mark.parametrize("name", [*SERVERS, *PARTS])
def test_what_was_paused_goes_on(find, name) -> None:
    """A paused process is there and does nothing; after `resume` the very same one runs."""
    role = find(name)

    role.pause()
    paused = role.status()
    role.resume()

    assert paused == "paused"
    assert role.status() == "running"


@pytest.mark.parametrize("name", SERVERS)
def test_what_was_stopped_stays_down_until_it_is_started(find, name) -> None:
    """`stop` is stronger than the supervision; `start` returns when the server is well."""
    role = find(name)

    role.stop()

    assert not comes_back(role)
    role.start()
    assert role.status() == "running"


@pytest.mark.parametrize("name", ["postgres", "api-1", "worker", "work-horse"])
def test_what_was_told_to_end_is_started_again(deployed, find, name) -> None:
    """`terminate` ends it in an orderly way, `restart` waits for the next one as well."""
    role = find(name)

    role.terminate()
    await_status(role, "running")
    role.restart()

    if name == "work-horse":
        # They are told one after the other: one may still be on its way when all are there.
        await_status(role, "running")
    assert role.status() == "running"
    if name == "postgres":
        assert "PANIC" not in Path(deployed.server(name).log).read_text()


def test_a_node_of_workers_is_killed_whole(deployed, find) -> None:
    """Nothing below the supervisor of the workers is left."""
    role = find("worker-node")
    tree = family(deployed.living("worker").pid)

    role.kill()

    _, alive = psutil.wait_procs(tree, 5)
    assert len(tree) > 5
    assert alive == []


def test_workers_of_a_killed_master_do_not_keep_its_port(deployed, find) -> None:
    """Workers of nginx outlive a killed master, and its successor can listen all the same."""
    role = find("nginx")
    before = family(deployed.living("nginx").pid)

    role.kill()
    await_status(role, "running")

    assert len(before) == 3
    assert [one for one in before if one.is_running()] == []


def test_quick_deaths_make_the_pauses_longer(deployed, find) -> None:
    """A server that dies again and again is started again and again, less and less often."""
    role = find("redis-cache")
    restarts = deployed.server("redis-cache").restarts
    seconds = []
    for _ in range(4):
        begin = time.monotonic()
        role.kill()
        await_status(role, "running")
        seconds.append(time.monotonic() - begin)

    assert deployed.server("redis-cache").restarts == restarts + 4
    assert seconds[-1] > 1.0


def test_ps_shows_what_happened(golive, started, deployed, find) -> None:
    """`ps` tells the paused, the held and the restarted apart, and no pause is left unseen."""
    find("api-1").kill()
    find("api-1")
    find("scheduler").pause()
    find("redis-cache").stop()
    during = shown(golive, started.name)
    roles.find(deployed, "redis-cache").start()
    roles.find(deployed, "scheduler").resume()
    after = shown(golive, started.name)

    assert during["api-1"]["state"] == "running"
    assert during["api-1"]["restarts"] > 0
    assert during["worker"]["state"] == "paused"
    assert during["redis-cache"]["state"] == "stopped"
    assert {one["state"] for one in after.values()} == {"running"}


def test_every_queue_is_observed(started) -> None:
    """The target file names the queues that the service has."""
    document = tomllib.loads(Path(started.target_file).read_text())

    assert document["observe"]["queue"]["names"] == [policy.name for policy in QUEUES]


def test_every_command_of_the_target_file_is_understood(golive, started, find, tmp_path) -> None:
    """The target file offers each role with its verbs; from any folder they do what they say."""
    document = tomllib.loads(Path(started.target_file).read_text())
    offered = document["faults"]["processes"]
    (tmp_path / "golive").mkdir()

    def run(role: str, verb: str) -> str:
        words = shlex.split(offered[role][verb])
        ran = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=True)
        return ran.stdout

    find("api-1")
    expected = {name.replace("-", "_") for name in (*SERVERS, *PARTS)} - set(started.left_out)
    assert set(offered) == expected
    assert set(offered["api_1"]) == WORDS
    assert set(offered["work_horse"]) == WORDS - {"stop"}
    assert run("api_1", "status") == "running\n"
    assert run("api_1", "stop") == ""
    assert run("api_1", "status") == "stopped\n"
    assert run("api_1", "start") == ""
    assert run("work_horse", "status") == "running\n"
    assert golive("plan", started.target_file, cwd=tmp_path).returncode == 0


@pytest.mark.parametrize(
    "words, message",
    [
        (["nobody", "kill"], "there is no server nobody"),
        (["work-horse", "stop"], "work-horse has no stop"),
        (["api-1"], "FOLDER ROLE-OR-FAULT VERB"),
    ],
)
def test_what_cannot_be_done_is_said(deployed, capsys, words, message) -> None:
    """An unknown role or verb ends with 3 and a sentence."""
    assert main([str(deployed.folder), *words]) == 3
    assert message in capsys.readouterr().err


def test_a_folder_without_a_deployment(tmp_path, capsys) -> None:
    """Where no deployment is, nothing is done, and that is said."""
    assert main([str(tmp_path), "api-1", "kill"]) == 3
    assert "holds no deployment" in capsys.readouterr().err


def test_a_pid_that_belongs_to_somebody_else_is_left_alone() -> None:
    """A process that began at another moment is not the one that was meant."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as bystander:
        real = Identity.of(bystander.pid)
        assert real is not None
        meant = Identity(real.pid, real.start_ticks - 1, real.boot)

        meant.signal(9)

        assert meant.wait(0)
        assert not real.wait(0.1)
        real.signal(9)
        assert real.wait(5)


def test_the_service_answers_after_all_of_that(golive, started, find, tmp_path) -> None:
    """Everything runs again, nothing is paused, and the smoke suite passes."""
    for name in (*SERVERS, *PARTS):
        if name not in started.left_out:
            find(name)
    assert not [one for one in family(started.keeper_pid) if is_paused(one)]

    ran = golive("smoke", started.target_file, "--out", tmp_path / "runs", cwd=ROOT)

    assert ran.returncode == 0, ran.stderr
