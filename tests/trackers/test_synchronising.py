"""Every tracker alike: the epic arrives whole, once, and again only where it changed."""

import re
from pathlib import Path

import pytest

from golive.catalog.epic import built_in_epic, read_epic
from golive.model.ticket import Kind, tickets_of
from tests.trackers.serving import TOKEN, FakeTracker

TICKETS = {ticket.key: ticket for ticket in tickets_of(read_epic(built_in_epic()))}
COUNTS = {Kind.EPIC: 1, Kind.STORY: 6, Kind.TASK: 26, Kind.LATER: 4}


def edit(epic: Path, file: str, old: str, new: str) -> None:
    """Change one file of an epic."""
    text = (epic / file).read_text()
    assert old in text
    (epic / file).write_text(text.replace(old, new, 1))


def test_the_epic_arrives_whole(tracker: FakeTracker, export) -> None:
    """Six stories, 26 tasks and four later improvements, with hierarchy and dependencies."""
    ran = export("--to", tracker.name)

    assert ran.code == 0, ran.err
    entries = tracker.by_key()
    assert len(entries) == sum(COUNTS.values()) == len(TICKETS)
    for key, ticket in TICKETS.items():
        beside = tracker.name == "jira" and ticket.kind is Kind.STORY
        assert entries[key].parent == ("" if beside else ticket.parent)
        assert entries[key].blockers == set(ticket.blocked_by)
        assert not entries[key].done
    assert entries["THR-603"].blockers >= {"THR-100", "THR-602"}
    assert {kind: sum(one.kind is kind for one in TICKETS.values()) for kind in Kind} == COUNTS


def test_points_labels_and_priorities_arrive(tracker: FakeTracker, export) -> None:
    """Points as they are (hours in Linear), areas and priorities as each tracker has them."""
    export("--to", tracker.name)

    entries = tracker.by_key()
    areas = {label.replace(": ", ":") for label in entries["THR-505"].labels}
    assert "area:devops" in areas
    assert ("priority:critical" in areas) is (tracker.name != "linear")
    if tracker.name == "linear":
        assert (entries["THR-302"].points, entries["THR-604"].points) == (1, 24)
    else:
        assert (entries["THR-302"].points, entries["THR-303"].points) == (0.5, 1.5)
        assert entries["THR-500"].points == 13


def test_a_second_export_changes_nothing(tracker: FakeTracker, export) -> None:
    """The same epic again: not one write."""
    export("--to", tracker.name)
    made = len(tracker.writes)

    ran = export("--to", tracker.name)

    assert len(tracker.writes) == made
    assert "nothing to change" in ran.out


def test_what_changed_is_updated(tracker: FakeTracker, export, epic: Path) -> None:
    """One task got another title and priority: it is updated, and what people added stays."""
    export("--to", tracker.name, "--epic", epic)
    made = len(tracker.writes)
    edit(epic, "thr-100.toml", "Update FileUploadService to use S3", "Store uploads in S3")
    edit(
        epic,
        "thr-100.toml",
        'priority = "critical"\npoints = 1',
        'priority = "important"\npoints = 8',
    )

    ran = export("--to", tracker.name, "--epic", epic)

    assert ran.code == 0, ran.err
    assert "update  THR-101" in ran.out
    # A story lists its tasks, so that it is written again as well.
    assert len(re.findall("^update", ran.out, re.MULTILINE)) == 2
    assert len(tracker.writes) > made
    entry = tracker.by_key()["THR-101"]
    assert entry.title == "THR-101: Store uploads in S3"
    assert entry.points == (1 if tracker.name == "linear" else 8)
    labels = {label.replace(": ", ":") for label in entry.labels}
    assert "priority:critical" not in labels
    assert ("priority:important" in labels) is (tracker.name != "linear")


def test_a_dry_run_touches_nothing(tracker: FakeTracker, export) -> None:
    """Every change is printed, none is made."""
    ran = export("--to", tracker.name, "--dry-run")

    assert ran.code == 0, ran.err
    assert not tracker.writes
    assert not tracker.entries()
    for ticket in TICKETS.values():
        assert f"would create  {ticket.key}: " in ran.out
        for key in ticket.blocked_by:
            assert f"would block   {ticket.key} by {key}" in ran.out


def test_a_dry_run_says_what_the_export_does(tracker: FakeTracker, export) -> None:
    """The lines are the same."""
    foreseen = export("--to", tracker.name, "--dry-run").out.splitlines()
    done = export("--to", tracker.name).out.splitlines()

    assert [line.removeprefix("would ") for line in foreseen][:-1] == done[:-1]


def test_a_rate_limit_is_waited_for(tracker: FakeTracker, export) -> None:
    """Two refusals in each tracker's own words, and the time that it asks for is given to it."""
    tracker.busy = 2

    ran = export("--to", tracker.name, "--dry-run")

    assert ran.code == 0, ran.err
    first, second, third = tracker.moments[:3]
    assert second - first > 0.9
    assert third - first > 1.1


@pytest.mark.parametrize("write", [1, 20, 40])
def test_an_export_that_broke_off_is_finished(tracker: FakeTracker, export, write: int) -> None:
    """The tracker fails in the middle: one sentence, and the next export makes what is missing."""
    tracker.fail_write = write

    broken = export("--to", tracker.name)
    again = export("--to", tracker.name)

    assert (broken.code, again.code) == (3, 0), again.err
    assert "500" in broken.err
    assert len(tracker.by_key()) == len(TICKETS)
    assert tracker.by_key()["THR-604"].blockers == {"THR-603"}


@pytest.mark.parametrize("write", [30, 31])  # GitHub: a ticket, and its place below another
def test_a_lost_answer_makes_no_second_ticket(tracker: FakeTracker, export, write: int) -> None:
    """A ticket was made and the answer lost: it is not asked for again, and found next time."""
    tracker.lose_write = write

    broken = export("--to", tracker.name)
    again = export("--to", tracker.name)

    assert (broken.code, again.code) == (3, 0), broken.err + again.err
    assert len(tracker.by_key()) == len(TICKETS)


def test_a_missing_token_is_one_sentence(tracker: FakeTracker, export, monkeypatch) -> None:
    """It names the variable and what to type; nothing is asked of the tracker."""
    (token,) = (name for name in tracker.environment() if name.endswith(("TOKEN", "KEY")))
    monkeypatch.delenv(token)

    ran = export("--to", tracker.name)

    assert ran.code == 3
    assert f"not set: {token} (" in ran.err
    assert f"export {token}=" in ran.err
    assert not tracker.moments


def test_a_refused_token_is_not_shown(tracker: FakeTracker, export) -> None:
    """The tracker repeats the token in its refusal; golive does not."""
    tracker.authorization = "another"

    ran = export("--to", tracker.name)

    assert ran.code == 3
    assert "401" in ran.err
    assert TOKEN not in ran.out + ran.err


def test_a_token_is_not_sent_in_the_clear(tracker: FakeTracker, export) -> None:
    """Only this machine is reached without TLS."""
    ran = export("--to", tracker.name, "--base-url", "http://tracker.example")

    assert ran.code == 3
    assert "without TLS" in ran.err


def test_what_does_not_fit_is_said(tracker: FakeTracker, export) -> None:
    """Points that do not add up, halves, priorities by other names, owners without accounts."""
    said = export("--to", tracker.name, "--dry-run").out

    assert "the tasks sum up to 44, their stories state 42" in said
    assert "priorities have other names: critical becomes" in said
    assert "owners are roles" in said
    if tracker.name == "linear":
        assert "THR-302 0.5, THR-303 1.5" in said


def test_every_bound_finding_is_one_of_the_catalog() -> None:
    """A task that waits for a finding nobody has would stay open for ever."""
    from golive.catalog.catalog import Catalog

    catalog = Catalog.of()
    bound = {
        name for item in catalog.items if TICKETS.keys() & {*item.proves} for name in item.findings
    }
    assert bound
    assert bound <= catalog.scenarios.keys()


def test_the_files_are_no_checklist_items() -> None:
    """The epic lies a level deeper than items do."""
    from golive.catalog.catalog import Catalog

    assert not [item.id for item in Catalog.of().items if item.id.startswith("epic")]
