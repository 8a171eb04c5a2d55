"""Servers to load, and loads to make, for the tests of this folder."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from golive.adapters.load.crew import Generating, crew_here
from golive.adapters.load.order import Order
from golive.adapters.native.servers import golang
from golive.adapters.native.servers.wanted import GoProgram, Wanted
from golive.adapters.native.versions import Version
from golive.model.load.records import ALL, Beat, Measured, Result
from golive.model.load.traffic import LoadPlan, Signing
from golive.model.target import ExpectedAnswer

SERVER = Path(__file__).with_name("server.py")
K6 = GoProgram("go.k6.io/k6", "v1.8.1", "k6")
SIGNING = Signing("run", "golive-1", "password", "sha1")

Serve = Callable[..., AbstractContextManager[str]]
MakeOrder = Callable[..., Order]
Generates = Callable[..., AbstractContextManager[Generating]]
Generate = Callable[..., tuple[list[Beat], Result]]


@pytest.fixture(scope="session")
def serve() -> Serve:
    """Starts a Tornado server in a process of its own, before a command where one is given
    (`taskset -c 0`), and gives its address.
    """

    @contextmanager
    def start(*options: str, before: tuple[str, ...] = ()) -> Iterator[str]:
        command = [*before, sys.executable, str(SERVER), *options]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}/hook"
        finally:
            process.kill()
            process.communicate()

    return start


@pytest.fixture(scope="session")
def order_for() -> MakeOrder:
    """Makes the order of a load of notifications that are answered with 200."""

    def make(url: str, plan: LoadPlan) -> Order:
        answer = ExpectedAnswer()
        return Order(plan, "seed", url, SIGNING, answer, answer)

    return make


@pytest.fixture(scope="session")
def generating(order_for: MakeOrder) -> Generates:
    """A load under way, by so many processes here."""

    @contextmanager
    def begin(url: str, plan: LoadPlan, workers: int = 1) -> Iterator[Generating]:
        with crew_here(workers) as crew, crew.begin(order_for(url, plan)) as under_way:
            yield under_way

    return begin


@pytest.fixture(scope="session")
def generate(generating: Generates) -> Generate:
    """Makes a load; gives its beats and its result."""

    def make(url: str, plan: LoadPlan, workers: int = 1) -> tuple[list[Beat], Result]:
        with generating(url, plan, workers) as under_way:
            return list(under_way.beats()), under_way.result()

    return make


@pytest.fixture(scope="session")
def total() -> Callable[[Result], Measured]:
    """The row of all stages together."""
    return lambda result: next(one for one in result.stages if one.stage == ALL)


@pytest.fixture(scope="session")
def k6() -> Path:
    """The program k6, built into golive's cache when it is first asked for."""
    if shutil.which("go") is None:
        pytest.skip("k6 is built from source, and there is no Go on PATH")
    wanted = Wanted(name="k6", program="k6", minimum=Version((1,)), version_flag="version", go=K6)
    return golang.build(wanted, K6, Path(__file__).parents[2], print)
