"""A run's findings move tasks: to done, with a comment that says why."""

import json
from pathlib import Path

import pytest

from golive.catalog.catalog import Catalog
from golive.catalog.epic import built_in_epic, read_epic
from golive.model.checklist import Item
from golive.model.finding import Finding
from golive.model.outcome import Decision, Outcome
from golive.model.plan import Plan
from golive.model.progress import progress_of
from golive.model.ticket import Kind, Text, Ticket, tickets_of
from golive.model.verdict import ItemOutcome, Verdict
from tests.trackers.serving import FakeTracker


def finding(name: str, outcome: Outcome, *, waived: bool = False) -> Finding:
    """A finding of a run."""
    return Finding(name, "smoke", name, outcome, "seen", ("o1",), {}, "", 0.1, waived=waived)


def bind(epic: Path, names: list[str]) -> None:
    """Let the findings of THR-601 be these."""
    path = epic / "thr-600.toml"
    title = 'title = "Create manual testing checklist"'
    path.write_text(path.read_text().replace(title, f"{title}\nfindings = {json.dumps(names)}"))


def test_a_proven_task_is_done_once(
    tracker: FakeTracker, export, epic: Path, run_of_health: Path
) -> None:
    """Moved with one comment that names run and verdict; a second export says nothing more."""
    bind(epic, ["smoke.health"])
    words = ("--to", tracker.name, "--epic", epic, "--run", run_of_health)

    first, second = export(*words), export(*words)

    assert (first.code, second.code) == (0, 0), first.err
    entry = tracker.by_key()["THR-601"]
    assert entry.done
    (comment,) = entry.comments
    assert run_of_health.name in comment
    assert "verdict" in comment
    assert "nothing to change" in second.out
    assert [key for key, one in tracker.by_key().items() if one.done] == ["THR-601"]
    assert "THR-602 stays open: smoke.upload_stored was not run" in first.out


def test_an_export_without_a_run_opens_nothing(
    tracker: FakeTracker, export, epic: Path, run_of_health: Path
) -> None:
    """What is done stays done."""
    bind(epic, ["smoke.health"])
    export("--to", tracker.name, "--epic", epic, "--run", run_of_health)

    export("--to", tracker.name, "--epic", epic)

    assert tracker.by_key()["THR-601"].done


def test_a_dry_run_says_what_would_be_done(
    tracker: FakeTracker, export, epic: Path, run_of_health: Path
) -> None:
    """The comment is printed, and not written."""
    bind(epic, ["smoke.health"])

    ran = export("--to", tracker.name, "--epic", epic, "--run", run_of_health, "--dry-run")

    assert "would finish  THR-601: golive run" in ran.out
    assert not tracker.writes


BOUND = Item("s", "w", ("a",), id="l.1", section="smoke", signature="QA", proves=("T-1", "T-2/1"))


@pytest.mark.parametrize(
    "outcome, waived, done",
    [(Outcome.PASS, False, True), (Outcome.PASS, True, False), (Outcome.FAIL, False, False)],
)
def test_a_task_is_done_when_its_items_are_proven(
    outcome: Outcome, waived: bool, done: bool, plan_of_nothing: Plan
) -> None:
    """The items that stand for it, with their findings and signatures; a waived one is not done."""
    judged = ItemOutcome("l.1", "s", "must", outcome, waived, ("a",), "signature of QA")
    verdict = Verdict(Decision.GO, (), (finding("a", Outcome.PASS),), (judged,), ())
    tickets = [Ticket(key, Kind.TASK, "t", Text(""), "critical") for key in ("T-1", "T-2")]

    progress = progress_of(tickets, plan_of_nothing, verdict, [BOUND])

    assert [one.done for one in progress.tickets] == [done, False]
    if done:
        assert "a, l.1 (signature of QA) passed" in progress.tickets[0].comment
    else:
        assert progress.open == ("T-1 stays open: l.1 is not proven (signature of QA)",)


def test_every_task_of_the_epic_is_bound() -> None:
    """Each of the 26 tasks moves by what a run proves, and so does what was put off."""
    bound = {name for item in Catalog.of().items for name in item.proves}
    tickets = tickets_of(read_epic(built_in_epic()))
    tasks = [one.key for one in tickets if one.kind in (Kind.TASK, Kind.LATER)]

    assert len(tasks) == 30
    assert {*tasks} <= bound


@pytest.mark.parametrize(
    "findings",
    [
        [],
        [finding("a", Outcome.PASS)],
        [finding("a", Outcome.PASS), finding("b", Outcome.FAIL)],
        [finding("a", Outcome.PASS), finding("b", Outcome.INCONCLUSIVE)],
        [finding("a", Outcome.PASS), finding("b", Outcome.FAIL, waived=True)],
        [finding("a", Outcome.PASS), finding("b", Outcome.PASS, waived=True)],
    ],
)
def test_less_than_all_passed_is_not_done(findings: list[Finding], plan_of_nothing: Plan) -> None:
    """A finding that failed, did not decide, was accepted or was not run proves nothing."""
    verdict = Verdict(Decision.NO_GO, (), tuple(findings), (), ())
    ticket = Ticket("T-1", Kind.TASK, "t", Text(""), "critical", findings=("a", "b"))

    progress = progress_of([ticket], plan_of_nothing, verdict)

    assert not progress.tickets[0].done
    assert "T-1 stays open: " in progress.open[0]
