"""The supervisor, with plain processes in the place of workers."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Wait = Callable[..., None]

SCRIPT = """
import os, sys, time
from pathlib import Path
from reference_app.queueing.supervisor import Child, Supervisor

def note(name, generation):
    Path(sys.argv[1], f"{name}-{generation}-{os.getpid()}").touch()

def steady(generation):
    note("steady", generation)
    if os.fork() == 0:
        note("grandchild", generation)
    time.sleep(600)

def leaves(generation):
    note("leaves", generation)

def breaks(generation):
    note("breaks", generation)
    raise RuntimeError("broken")

places = [Child("steady", steady), Child("leaves", leaves), Child("breaks", breaks)]
sys.exit(Supervisor(places).run())
"""


@pytest.fixture
def supervisor(tmp_path: Path, root: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A running supervisor whose children leave notes in tmp_path."""
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(tmp_path)], cwd=root, stdout=-3, stderr=-3
    )
    yield process
    process.kill()
    process.wait()


def pids(notes: Path, name: str) -> list[int]:
    """The processes that a place has had, in order."""
    found = sorted(path.name.split("-") for path in notes.glob(f"{name}-*"))
    return [int(pid) for _name, _generation, pid in found]


def lives(pid: int) -> bool:
    """Whether the process is there and no mere zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.usefixtures("supervisor")
def test_whatever_ends_is_restarted(tmp_path: Path, wait_for: Wait) -> None:
    """Killed, failed or left with code 0: the place is filled again."""
    wait_for(lambda: pids(tmp_path, "steady"), "the child starts")
    os.kill(pids(tmp_path, "steady")[0], signal.SIGKILL)
    for name in ("steady", "leaves", "breaks"):
        wait_for(lambda name=name: len(pids(tmp_path, name)) >= 2, f"{name} is restarted")


def test_killed_supervisor_leaves_nobody_behind(
    supervisor: subprocess.Popen[bytes], tmp_path: Path, wait_for: Wait
) -> None:
    """Children and their children die with it."""
    wait_for(lambda: pids(tmp_path, "grandchild"), "the grandchild starts")
    everybody = pids(tmp_path, "steady") + pids(tmp_path, "grandchild")
    assert all(map(lives, everybody))
    supervisor.kill()
    wait_for(lambda: not any(map(lives, everybody)), "all are gone", 3)


@pytest.mark.parametrize("lasting_seconds", [0.1, 1.3])
def test_a_pause_is_no_order_to_stop(
    supervisor: subprocess.Popen[bytes], tmp_path: Path, wait_for: Wait, lasting_seconds: float
) -> None:
    """Stopped in its tracks and let go again, it goes on, however long that was."""
    wait_for(lambda: pids(tmp_path, "steady"), "the child starts")
    for _ in range(2):
        supervisor.send_signal(signal.SIGSTOP)
        with pytest.raises(subprocess.TimeoutExpired):
            supervisor.wait(lasting_seconds)
        supervisor.send_signal(signal.SIGCONT)
        before = len(pids(tmp_path, "leaves"))
        wait_for(lambda before=before: len(pids(tmp_path, "leaves")) > before, "it goes on")


def test_the_kernel_knows_children_by_their_names(
    supervisor: subprocess.Popen[bytes], tmp_path: Path, wait_for: Wait
) -> None:
    """`ps` and `top` tell the places apart."""
    wait_for(lambda: pids(tmp_path, "grandchild"), "the children start")
    (steady,) = pids(tmp_path, "steady")

    assert Path(f"/proc/{steady}/comm").read_text() == "steady\n"
    assert Path(f"/proc/{supervisor.pid}/comm").read_text() != "steady\n"


def test_sigterm_ends_all_cleanly(
    supervisor: subprocess.Popen[bytes], tmp_path: Path, wait_for: Wait
) -> None:
    """Children are told to stop, and the supervisor leaves with 0 after the last."""
    wait_for(lambda: pids(tmp_path, "grandchild"), "the children start")
    supervisor.terminate()
    assert supervisor.wait(5) == 0
    assert not any(map(lives, pids(tmp_path, "steady")))
