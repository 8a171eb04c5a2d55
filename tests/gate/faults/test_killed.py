"""A golive that is killed while something is broken leaves nothing broken."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from golive.adapters.faults.abandoned import heal_abandoned, journals_folder
from golive.adapters.waiting import until

ROOT = Path(__file__).parents[3]
HEALED_SECONDS = 20.0

# Breaks one thing and stays inside until it is killed. A child of its own lives on, and holds what
# it has inherited.
BREAKER = """
import json, os, signal, sys
from pathlib import Path
from pydantic import TypeAdapter
from golive.adapters.faults.faults import FaultsAdapter
from golive.adapters.faults.ward import Ward
from golive.ledger.recorder import RunRecorder
from golive.model.plan import Plan
from golive.model.slo import Slo
from golive.model.target import Faults
folder, run, section, method, *words = json.loads(sys.argv[1])
plan = Plan("r", "0", "t", "local", "http://t", "quick", "", (), {}, Slo(), (), (), (), ())
faults = FaultsAdapter(
    TypeAdapter(Faults).validate_python(section),
    Ward(Path(folder)),
    RunRecorder(Path(run), plan, str).step("s"),
)
options = {"attributes": {"latency": 1}} if method == "toxic" else {}
with getattr(faults, method)(*words, **options):
    bystander = os.fork()
    if bystander:
        print("broken", bystander, flush=True)
    signal.pause()
"""

FAULTS = [
    ("toxic", "echo", "latency"),
    ("cut", "echo"),
    ("process", "sleeper", "pause"),
    ("process", "sleeper", "stop"),
    ("process", "sleeper", "kill"),
    ("command", "quota"),
]


class Breaker:
    """Another process that has broken something, and the watchdog that it has."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        (self.watchdog,) = _watchdogs(process.pid)

    def kill(self) -> None:
        """Without any warning."""
        self._process.kill()
        self._process.wait()


Break = Callable[..., Breaker]


@pytest.fixture
def is_well(proxied, role) -> Callable[[], bool]:
    """Whether nothing is broken, as the servers themselves see it."""

    def look() -> bool:
        return proxied.is_well() and role.is_running() and not (role.folder / "broken").exists()

    return look


@pytest.fixture
def breaks(proxied, role, tmp_path: Path) -> Iterator[Break]:
    """Starts a process that breaks something."""
    started: list[subprocess.Popen[str]] = []
    bystanders: list[psutil.Process] = []
    verbs = ("status", "start", "kill", "pause", "resume", "stop")
    pair = {"begin": role.line("begin"), "end": role.line("end"), "touches": "a file"}
    section = {
        "toxiproxy": {"api": proxied.api, "proxies": {"echo": proxied.name}},
        "processes": {"sleeper": {verb: role.line(verb) for verb in verbs}},
        "commands": {"quota": pair},
    }

    def start(*fault: str, folder: Path = tmp_path / "faults") -> Breaker:
        order = json.dumps([str(folder), str(tmp_path / "run"), section, *fault])
        process = subprocess.Popen(
            [sys.executable, "-c", BREAKER, order], stdout=subprocess.PIPE, text=True
        )
        started.append(process)
        assert process.stdout is not None
        broken, bystander = process.stdout.readline().split()
        assert broken == "broken"
        bystanders.append(psutil.Process(int(bystander)))
        return Breaker(process)

    yield start
    for bystander in bystanders:
        bystander.kill()
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("fault", FAULTS, ids=" ".join)
def test_the_watchdog_heals(
    fault: tuple[str, ...], breaks: Break, is_well: Callable[[], bool], tmp_path: Path
) -> None:
    """Kill -9 in the middle: within seconds everything is as before, and the watchdog has ended."""
    breaker = breaks(*fault)
    assert not is_well()

    breaker.kill()

    assert until(is_well, bool, within_seconds=HEALED_SECONDS)
    breaker.watchdog.wait(HEALED_SECONDS)
    assert list((tmp_path / "faults").glob("*.json")) == []


@pytest.mark.parametrize("fault", FAULTS, ids=" ".join)
def test_the_next_start_heals_where_the_watchdog_was_killed_too(
    fault: tuple[str, ...], breaks: Break, is_well: Callable[[], bool], tmp_path: Path
) -> None:
    """It says what it has healed, once."""
    breaker = breaks(*fault)
    breaker.watchdog.kill()
    breaker.kill()
    assert not is_well()
    lines: list[str] = []

    heal_abandoned(lines.append, tmp_path / "faults")
    heal_abandoned(lines.append, tmp_path / "faults")

    assert is_well()
    (line,) = lines
    assert line.startswith("healed what golive (pid ")
    assert list((tmp_path / "faults").glob("*.json")) == []


def test_a_fault_of_the_living_is_left_alone(
    breaks: Break, is_well: Callable[[], bool], tmp_path: Path
) -> None:
    """Another golive at work is no wreck."""
    breaks("cut", "echo")
    lines: list[str] = []

    heal_abandoned(lines.append, tmp_path / "faults")

    assert lines == []
    assert not is_well()


def test_a_watchdog_that_was_killed_is_replaced(on_network, ward) -> None:
    """The next fault has one again."""
    with on_network.toxic("echo", "latency", attributes={"latency": 1}):
        (watchdog,) = _watchdogs()
        watchdog.kill()
        watchdog.wait()
        with on_network.cut("echo"):
            (other,) = _watchdogs()
    ward.close()

    assert other != watchdog
    assert _watchdogs() == []


def _watchdogs(owner: int | None = None) -> list[psutil.Process]:
    return [one for one in psutil.Process(owner).children() if _watches(one)]


def _watches(process: psutil.Process) -> bool:
    try:
        return "golive.adapters.faults.watchdog" in process.cmdline()
    # Other tests may have left a child behind that has ended.
    except psutil.ZombieProcess:
        return False


def test_every_command_that_shows_deployments_heals_first(
    golive, breaks: Break, is_well: Callable[[], bool]
) -> None:
    """`golive ps` after a crash says on stderr what it has healed."""
    breaker = breaks("cut", "echo", folder=journals_folder())
    breaker.watchdog.kill()
    breaker.kill()

    ran = golive("ps", "--json", cwd=ROOT, env={"NO_COLOR": "1"})

    assert is_well()
    assert "left broken: cut echo" in ran.stderr
