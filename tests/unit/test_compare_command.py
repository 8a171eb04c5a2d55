"""`golive compare` on run folders: words, JSON, exit codes."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from golive.cli.app import run
from golive.ledger.recorder import RunRecorder
from golive.model.evidence import Ending
from golive.model.load.records import Loaded
from golive.model.plan import Plan, Step
from golive.model.slo import Slo
from tests.unit.judging.test_comparing import LOAD, written


@dataclass(frozen=True)
class Ran:
    """What a command has printed, and how it ended."""

    returncode: int
    stdout: str
    stderr: str


Golive = Callable[..., Ran]

STEP = Step(LOAD, "load", "It is fast.", (), 60.0, "Make it faster.")


def keep(folder: Path, name: str, load: Loaded, **other: Any) -> None:
    """Write the run folder of a load."""
    plan = Plan(
        run=name, golive="0", target="shop", environment="local", base_url="u", profile="quick",
        started="2026-01-05T08:00:00+00:00", capabilities=(), left_out={}, slo=Slo(),
        steps=(STEP,), items=(), waivers=(), gaps=(),
    )  # fmt: skip
    recorder = RunRecorder(folder / "runs" / name, replace(plan, **other), str)
    step = recorder.step(LOAD)
    with step.operation("LOAD") as operation:
        operation.ok()
    step.see(load)
    step.finish(Ending.COMPLETED)
    recorder.seal()


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """A folder with runs: an earlier one, one that is like it, a slow one, others."""
    keep(tmp_path, "a", written("a"))
    keep(tmp_path, "alike", written("b"))
    keep(tmp_path, "slow", written("c", slower=2.0))
    keep(tmp_path, "busy", replace(written("d"), processor_share=0.7, bare=()))
    keep(tmp_path, "long", written("e"), profile="full")
    keep(tmp_path, "altered", written("f"))
    with (tmp_path / "runs/altered/operations.ndjson").open("a") as stream:
        stream.write("\n")
    return tmp_path


@pytest.fixture
def golive(
    runs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Golive:
    """Runs the command within this process, in the folder of the runs."""
    monkeypatch.chdir(runs)

    def call(*words: str) -> Ran:
        code = run(words)
        told = capsys.readouterr()
        return Ran(code, told.out, told.err)

    return call


def test_nothing_worse_is_0_and_slower_is_1(golive: Golive) -> None:
    """The sentence and the exit code say the same."""
    alike = golive("compare", "a", "alike")
    slow = golive("compare", "a", "slow")
    faster = golive("compare", "slow", "a")

    assert (alike.returncode, alike.stdout.splitlines()[-1]) == (0, "nothing got worse")
    assert slow.returncode == 1
    assert "slower" in slow.stdout
    assert slow.stdout.splitlines()[-1] == "worse: 0 findings, 2 figures of loads"
    assert (faster.returncode, "faster" in faster.stdout) == (0, True)


def test_a_program_is_told_the_same(golive: Golive) -> None:
    """JSON with every figure, its interval and what it means."""
    told = json.loads(golive("compare", "a", "slow", "--json").stdout)
    p50 = next(one for one in told["differences"] if one["what"] == "p50")

    assert (told["worse"], told["before"], told["after"]) == (True, "a", "slow")
    assert (p50["change"], p50["low"] < 2.0 < p50["high"]) == ("worse", True)


def test_what_could_not_be_compared_is_not_green(runs: Path, golive: Golive) -> None:
    """A load without a measure of its machine: neither 0 nor 1, in JSON too."""
    busy = golive("compare", "busy", "busy2")
    keep(runs, "busy2", replace(written("d"), bare=()))
    both = golive("compare", "busy", "busy2")

    assert busy.returncode == 3
    assert (both.returncode, "not compared: load.steady of busy" in both.stdout) == (2, True)
    assert both.stdout.splitlines()[-1] == "nothing got worse, as far as it could be compared"


@pytest.mark.parametrize(
    "words, sentence",
    [
        (("a", "long"), "their profile differs (quick, full)"),
        (("a", "altered"), "altered proves nothing: the ledger was changed after the run"),
        (("a", "a"), "it is twice the same run"),
        (("a", "none"), "there is no run 'none'"),
        (("a",), "Missing argument"),
    ],
)
def test_misuse_is_3_with_a_sentence(words: tuple[str, ...], sentence: str, golive: Golive) -> None:
    """And never a traceback."""
    ran = golive("compare", *words)

    assert ran.returncode == 3
    assert sentence in ran.stderr
    assert "Traceback" not in ran.stderr
