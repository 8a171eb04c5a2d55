"""Executing a plan: every ending is recorded, none is judged, none stops the others."""

import contextlib
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from golive.api import Capability, Gate, Ruling, Scenario, Slo, scenario
from golive.errors import (
    HealError,
    NotRecoveredError,
    UnobservableError,
    UnreachableError,
)
from golive.ledger.reading import read_ledger
from golive.ledger.recorder import RunRecorder
from golive.model.evidence import Ending
from golive.model.plan import Plan, Step
from golive.model.ports import StepLedger
from golive.running.execution import Execution, execute


@dataclass(frozen=True)
class Seen:
    """Evidence of a hand-written scenario."""

    number: int


def fine(_seen: Sequence[Seen], _slo: Slo) -> Ruling:
    """Never asked: executing does not judge."""
    raise AssertionError("executing must not judge")


def made(drive: object) -> Scenario:
    """A scenario around a drive."""
    return scenario(needs=[Capability.HTTP], evidence=Seen, check=fine, remediation="")(drive)


def good(_gate: Gate) -> Iterator[Seen]:
    """Gives two pieces of evidence."""
    yield Seen(1)
    yield Seen(2)


def crashing(_gate: Gate) -> Iterator[Seen]:
    """Sees something, then crashes."""
    yield Seen(1)
    raise ValueError("a defect of the scenario")


def leaving(_gate: Gate) -> Iterator[Seen]:
    """Ends the process as a successful program would."""
    yield Seen(1)
    sys.exit(0)


def refused(_gate: Gate) -> Iterator[Seen]:
    """Is not let in to look."""
    yield Seen(1)
    raise UnobservableError("SQL effects", "permission denied")


def lost(_gate: Gate) -> Iterator[Seen]:
    """Loses the target on the way."""
    yield Seen(1)
    raise UnreachableError("http", "GET http://t/", "Connection refused")


def wedged(_gate: Gate) -> Iterator[Seen]:
    """Breaks the target, which does not come back."""
    yield Seen(1)
    raise NotRecoveredError("3 of 20 notifications had no effect")


def broken(_gate: Gate) -> Iterator[Seen]:
    """Breaks the target, and cannot mend it."""
    yield Seen(1)
    raise HealError("the proxy is still down")


def endless(_gate: Gate) -> Iterator[Seen]:
    """Blocks for ever, and swallows ordinary exceptions."""
    while True:
        with contextlib.suppress(Exception):  # what a careless scenario would do
            time.sleep(3600)
        yield Seen(1)


def interrupted(_gate: Gate) -> Iterator[Seen]:
    """Ctrl-C is pressed."""
    yield Seen(1)
    raise KeyboardInterrupt


class Target:
    """Stands for the connections to a target."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    def reach(self, need: Capability, recorder: StepLedger) -> None:
        """Reach the target, unless something is wrong with it."""
        with recorder.operation(f"reach {need.name}") as operation:
            operation.ok()
        if self.error is not None:
            raise self.error

    def gate(self, step: Step, recorder: StepLedger) -> None:
        """The scenarios here need no gate."""


class Silence:
    """Stands for the person who watches."""

    def started(self, step: Step) -> None:
        """Nothing is printed."""

    def finished(self, step: Step) -> None:
        """Nothing is printed."""


def run(
    tmp_path: Path, target: Target, radius: tuple[str, ...] = (), **drives: object
) -> tuple[bool, dict[str, Ending], Path]:
    """Execute a plan with these scenarios; whether it finished, how each ended, the run folder."""
    steps = tuple(
        Step(
            f"smoke.{name}",
            "smoke",
            "s",
            ("http",),
            0.2,
            "",
            ("no",) if name == "no" else (),
            radius,
        )
        for name in drives
    )
    plan = Plan("r", "0", "t", "local", "http://t", "quick", "", (), {}, Slo(), steps, (), (), ())
    recorder = RunRecorder(tmp_path / "r", plan, str)
    scenarios = {f"smoke.{name}": made(drive) for name, drive in drives.items()}
    finished = execute(Execution(plan, scenarios, recorder, target), plan, Silence())
    recorder.seal()
    return finished, {one.scenario: one.ending for one in recorder.steps}, recorder.folder


def test_each_ending_is_recorded_and_the_next_step_runs(tmp_path: Path) -> None:
    """A crash, a dead line and a passed deadline do not keep later scenarios from running."""
    finished, endings, folder = run(
        tmp_path, Target(), a=crashing, b=lost, c=endless, d=good, e=leaving, f=refused, no=good
    )

    assert finished
    assert endings == {
        "smoke.a": Ending.CRASHED,
        "smoke.b": Ending.UNREACHABLE,
        "smoke.c": Ending.LATE,
        "smoke.d": Ending.COMPLETED,
        "smoke.e": Ending.CRASHED,
        "smoke.f": Ending.UNOBSERVABLE,
    }
    crashed, unreachable, _late, complete, *_ = read_ledger(folder).steps
    assert "a defect of the scenario" in crashed.traceback
    assert unreachable.detail == "GET http://t/: Connection refused"
    assert [one.facts["number"] for one in complete.evidence] == [1, 2]


@pytest.mark.parametrize("first,ending", [(wedged, Ending.COMPLETED), (broken, Ending.UNHEALED)])
def test_nothing_more_is_broken_once_the_target_did_not_come_back(
    tmp_path: Path, first: object, ending: Ending
) -> None:
    """Drills after that are called off with the reason; what was seen until then is kept."""
    _, endings, folder = run(tmp_path, Target(), ("redis: down",), a=first, b=good)

    assert endings == {"smoke.a": ending, "smoke.b": Ending.CALLED_OFF}
    one, other = read_ledger(folder).steps
    assert [seen.facts["number"] for seen in one.evidence] == [1]
    assert "smoke.a" in other.detail


def test_what_breaks_nothing_goes_on_after_a_target_that_did_not_come_back(tmp_path: Path) -> None:
    """Only drills are called off."""
    _, endings, _ = run(tmp_path, Target(), a=wedged, b=good)

    assert endings["smoke.b"] is Ending.COMPLETED


def test_an_interruption_is_recorded_and_ends_the_run(tmp_path: Path) -> None:
    """Ctrl-C saves what was seen, and runs nothing more."""
    finished, endings, folder = run(tmp_path, Target(), a=interrupted, b=good)

    assert not finished
    assert endings == {"smoke.a": Ending.INTERRUPTED}
    assert read_ledger(folder).damage == ""


def test_a_dead_target_ends_every_step_that_needs_it(tmp_path: Path) -> None:
    """The preflight finds out once; no scenario is driven against a target that is not there."""
    dead = UnreachableError("http", "GET http://t/health", "Connection refused")
    finished, endings, folder = run(tmp_path, Target(dead), a=good, b=good)

    assert finished
    assert set(endings.values()) == {Ending.UNREACHABLE}
    assert "Connection refused" in read_ledger(folder).steps[0].detail


def test_a_crashed_preflight_does_not_end_the_run(tmp_path: Path) -> None:
    """A probe with a defect makes the steps that need it INCONCLUSIVE, with its traceback."""
    finished, endings, folder = run(tmp_path, Target(ValueError("defect")), a=good)

    assert finished
    assert endings == {"smoke.a": Ending.CRASHED}
    assert "ValueError: defect" in read_ledger(folder).steps[0].traceback


def test_a_dead_target_is_not_hidden_by_a_refused_observer(tmp_path: Path) -> None:
    """Where one need is refused and another is away, the step fails: the target is not ready."""

    class HalfDead(Target):
        """Away, with a database that does not know us."""

        def reach(self, need: Capability, _recorder: StepLedger) -> None:
            """Raise what each of the two would raise."""
            if need is Capability.SQL:
                raise UnobservableError("SQL", "permission denied")
            raise UnreachableError("http", "GET http://t/", "Connection refused")

    step = Step("smoke.a", "smoke", "s", ("sql", "webhook"), 0.2, "")
    plan = Plan("r", "0", "t", "local", "http://t", "", "", (), {}, Slo(), (step,), (), (), ())
    recorder = RunRecorder(tmp_path / "r", plan, str)
    execution = Execution(plan, {"smoke.a": made(good)}, recorder, HalfDead())
    execution.preflight()

    assert execution.perform(step).ending is Ending.UNREACHABLE
    recorder.close()


def test_a_probe_that_never_ends_is_left_behind(tmp_path: Path) -> None:
    """A target that keeps a probe busy for ever is unreachable in time, with its address."""
    never = threading.Event()

    class Dripping(Target):
        """Keeps whoever asks waiting."""

        def reach(self, _need: Capability, _recorder: StepLedger) -> None:
            """Never comes back while the test lasts."""
            never.wait()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("golive.running.execution.PREFLIGHT_SECONDS", 0.1)
        _finished, endings, folder = run(tmp_path, Dripping(), a=good)
    never.set()

    assert endings == {"smoke.a": Ending.UNREACHABLE}
    assert read_ledger(folder).steps[0].detail.startswith("http of http://t: no whole answer")


def test_the_deadline_leaves_no_timer_behind(tmp_path: Path) -> None:
    """After a step its timer is off: later code is not interrupted."""
    run(tmp_path, Target(), a=good)

    with pytest.raises(TimeoutError):
        _wait_longer_than_a_deadline()


def _wait_longer_than_a_deadline() -> None:
    began = time.monotonic()
    while time.monotonic() - began < 0.3:
        time.sleep(0.05)
    raise TimeoutError
