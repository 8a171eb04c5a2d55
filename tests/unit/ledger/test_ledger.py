"""The ledger: written, sealed, read back; what was altered or never finished proves nothing."""

import json
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from golive.errors import LedgerError
from golive.ledger.folder import OPERATIONS, SEAL, evidence_file
from golive.ledger.listing import find_run, list_runs
from golive.ledger.reading import read_ledger, read_plan
from golive.ledger.recorder import RunRecorder
from golive.model.evidence import Ending
from golive.model.operation import Phase
from golive.model.plan import Plan
from golive.model.slo import Slo

SECRET = "hunter2-hunter2"

PLAN = Plan(
    run="20260105T080000Z-abc",
    golive="0",
    target="t",
    environment="local",
    base_url="http://t",
    profile="quick",
    started="2026-01-05T08:00:00+00:00",
    capabilities=("http",),
    left_out={"pgbouncer": "not here"},
    slo=Slo(),
    steps=(),
    items=(),
    waivers=(),
    gaps=(),
)


@dataclass(frozen=True)
class Seen:
    """Evidence with every kind of fact."""

    word: str
    number: float
    table: tuple[tuple[str, int], ...]
    nothing: None = None


SEEN = Seen("ä", 1.0, (("a", 1), ("b", 2)))


def mask(text: str) -> str:
    """Stands for redaction."""
    return text.replace(SECRET, "[redacted]")


@pytest.fixture
def recorder(tmp_path: Path) -> Iterator[RunRecorder]:
    """An open ledger with one finished step."""
    run = RunRecorder(tmp_path / "runs" / PLAN.run, PLAN, mask)
    step = run.step("smoke.a")
    with step.operation("GET /a", url=f"http://t/?p={SECRET}") as operation:
        operation.ok(status=200)
    step.see(SEEN)
    step.attach("sent.csv", f"a,b,{SECRET}".encode())
    step.finish(Ending.COMPLETED)
    yield run
    run.close()


def test_what_was_recorded_is_read_back(recorder: RunRecorder) -> None:
    """Plan, steps, evidence and operations survive the way to the disk and back unchanged."""
    recorder.seal()

    ledger = read_ledger(recorder.folder)

    assert read_plan(recorder.folder) == PLAN
    assert ledger.damage == ""
    assert ledger.steps == tuple(recorder.steps)
    assert ledger.steps[0].evidence[0].facts == vars(SEEN)
    assert [one.phase for one in ledger.operations] == [Phase.INVOKE, Phase.OK]
    assert ledger.steps[0].evidence[0].operations == (1,)


def test_an_operation_that_raises_is_info(recorder: RunRecorder) -> None:
    """A call that ended in an exception may or may not have taken effect."""
    step = recorder.step("smoke.b")
    with pytest.raises(TimeoutError), step.operation("GET /b"):
        raise TimeoutError("late")

    assert recorder.operations[-1].phase is Phase.INFO


def test_only_the_first_completion_counts(recorder: RunRecorder) -> None:
    """An operation completes once."""
    step = recorder.step("smoke.b")
    with step.operation("GET /b") as operation:
        operation.fail(error="refused")
        operation.ok()

    phases = [one.phase for one in recorder.operations if one.process == "smoke.b"]
    assert phases == [Phase.INVOKE, Phase.FAIL]


@pytest.mark.parametrize("victim", [OPERATIONS, evidence_file("smoke.a"), "plan.json"])
def test_an_altered_file_is_damage(recorder: RunRecorder, victim: str) -> None:
    """Changing one byte after the seal is noticed, and named."""
    recorder.seal()
    path = recorder.folder / victim
    path.write_text(path.read_text().replace("smoke", "smokf").replace('"t"', '"u"'))

    assert victim in read_ledger(recorder.folder).damage


@pytest.mark.parametrize("victim", [OPERATIONS, evidence_file("smoke.a")])
def test_a_removed_file_is_damage(recorder: RunRecorder, victim: str) -> None:
    """Removing operations or evidence after the seal is noticed."""
    recorder.seal()
    (recorder.folder / victim).unlink()

    assert read_ledger(recorder.folder).damage


def test_a_secret_that_occurs_in_a_hash_breaks_no_seal(tmp_path: Path) -> None:
    """Whatever the secret is, an untouched ledger is intact."""
    run = RunRecorder(tmp_path / "run", PLAN, lambda text: text.replace("a", "*"))
    run.seal()

    assert read_ledger(run.folder).damage == ""


def test_a_run_that_was_never_sealed_is_damaged(recorder: RunRecorder) -> None:
    """A harness that was killed leaves a folder that proves nothing."""
    assert "did not finish" in read_ledger(recorder.folder).damage
    assert not (recorder.folder / SEAL).exists()


def test_a_seal_that_is_no_json_is_damage(recorder: RunRecorder) -> None:
    """Nonsense in the seal is damage, not a crash."""
    recorder.seal()
    (recorder.folder / SEAL).write_text("[]")

    assert "seal" in read_ledger(recorder.folder).damage


def test_no_secret_reaches_the_disk(recorder: RunRecorder) -> None:
    """A canary in operations and attachments is found in no file of the run folder."""
    recorder.seal()

    for path in recorder.folder.rglob("*"):
        if path.is_file():
            assert SECRET not in path.read_text()


def test_a_run_folder_is_private(recorder: RunRecorder) -> None:
    """Only its owner may look into a run."""
    assert stat.S_IMODE(recorder.folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("name", ["../x", "a/b", ".hidden"])
def test_attachments_cannot_leave_their_folder(recorder: RunRecorder, name: str) -> None:
    """A name never comes out as a path."""
    with pytest.raises(LedgerError):
        recorder.step("smoke.b").attach(name, b"x")


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    """A run that cannot be kept says where and why."""
    (tmp_path / "file").write_text("")

    with pytest.raises(LedgerError, match=r"cannot be written: Not a directory.*\n.*--out"):
        RunRecorder(tmp_path / "file" / "run", PLAN, mask)


def test_runs_are_listed_and_found(recorder: RunRecorder) -> None:
    """By id, by path and as the latest; an unjudged run shows as such."""
    out = recorder.folder.parent
    recorder.seal()

    assert [(run.run, run.verdict) for run in list_runs(out)] == [(PLAN.run, "")]
    assert find_run("latest", out) == recorder.folder
    assert find_run(PLAN.run, out) == recorder.folder
    assert find_run(str(recorder.folder), out) == recorder.folder
    with pytest.raises(LedgerError, match="golive runs"):
        find_run("nope", out)


def test_a_folder_that_is_no_run_is_a_sentence(tmp_path: Path) -> None:
    """Judging a wrong folder says what it lacks."""
    with pytest.raises(LedgerError, match=r"has no plan\.json"):
        read_plan(tmp_path)


def test_facts_that_json_would_change_are_refused(recorder: RunRecorder) -> None:
    """Evidence must survive the disk: a dictionary in it is a defect of the scenario."""

    @dataclass(frozen=True)
    class Bad:
        """Evidence with an object in it."""

        thing: dict[str, int]

    with pytest.raises(TypeError, match=r"Bad\.thing is a dict"):
        recorder.step("smoke.b").see(Bad({"a": 1}))


def test_operations_are_one_json_document_a_line(recorder: RunRecorder) -> None:
    """Other programs can read the history."""
    lines = (recorder.folder / OPERATIONS).read_text().splitlines()

    assert [json.loads(line)["name"] for line in lines] == ["GET /a", "GET /a"]
