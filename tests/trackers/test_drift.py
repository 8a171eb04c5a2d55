"""What people do in a tracker meanwhile: it is respected, or mended, and never doubled."""

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from golive.adapters.exporting.gh_script import github_labels
from golive.catalog.epic import read_epic
from golive.model.ticket import tickets_of
from tests.trackers.fake_clickup import FakeClickUp
from tests.trackers.fake_github import FakeGithub
from tests.trackers.fake_projects import Card
from tests.trackers.serving import TOKEN, FakeTracker, reachable, served
from tests.trackers.test_synchronising import TICKETS, edit

NEEDS_GH = pytest.mark.skipif(not shutil.which("gh"), reason="GitHub's gh is not installed")
TITLE = 'Go-live "v1"'


@pytest.fixture
def github(monkeypatch):
    """GitHub alone."""
    with reachable(FakeGithub(), monkeypatch) as serving:
        yield serving


def test_a_renamed_ticket_is_known(github: FakeGithub, export, epic: Path) -> None:
    """Title and labels that people chose stay until the epic itself changes; theirs stay then."""
    export("--to", "github")
    issue = next(one for one in github.issues if one["title"].startswith("THR-104"))
    issue["title"] = "Downloads!"
    issue["labels"].append("bug")

    again = export("--to", "github")
    edit(epic, "thr-100.toml", "Update file download endpoints", "Serve files from S3")
    changed = export("--to", "github", "--epic", epic)

    assert "nothing to change" in again.out
    assert changed.code == 0, changed.err
    assert issue["title"] == "THR-104: Serve files from S3"
    assert "bug" in issue["labels"]
    assert len(github.by_key()) == len(TICKETS)


def test_links_that_were_removed_come_back(github: FakeGithub, export) -> None:
    """A parent and a blocker that are gone are set again, and nothing else."""
    export("--to", "github")
    child = next(one["number"] for one in github.issues if one["title"].startswith("THR-401"))
    del github.parents[child]
    blocked = next(one["number"] for one in github.issues if one["title"].startswith("THR-604"))
    github.blockers[blocked].clear()
    made = len(github.writes)

    ran = export("--to", "github")

    assert ran.code == 0, ran.err
    assert len(github.writes) - made == 2
    assert github.by_key()["THR-401"].parent == "THR-400"
    assert github.by_key()["THR-604"].blockers == {"THR-603"}


def test_what_was_archived_is_not_made_again(export, monkeypatch: pytest.MonkeyPatch) -> None:
    """ClickUp lists archived tasks only to those who ask for them."""
    with reachable(FakeClickUp(), monkeypatch) as clickup:
        export("--to", "clickup")
        made = len(clickup.writes)
        clickup.archived |= set(list(clickup.tasks)[3:30])

        ran = export("--to", "clickup")

        assert "nothing to change" in ran.out
        assert len(clickup.writes) == made


def test_copies_and_pull_requests_are_left_alone(github: FakeGithub, export) -> None:
    """A pull request that quotes a ticket is none; of a copied ticket the oldest is ours."""
    export("--to", "github")
    body = next(one["body"] for one in github.issues if one["title"].startswith("THR-101"))
    for more in ({"pull_request": {"url": "x"}}, {}):
        number = len(github.issues) + 1
        copied = {"number": number, "id": 9000 + number, "title": "a copy", "body": body}
        github.issues.append(copied | {"labels": [], "state": "open", "milestone": None} | more)

    ran = export("--to", "github")

    assert "nothing to change" in ran.out


def test_the_milestone_has_its_day(github: FakeGithub, export) -> None:
    """All but what was put off belong to it."""
    export("--to", "github")

    (milestone,) = github.milestones
    assert milestone["title"] == "Go-Live v1 (Jan 5-6, 2026)"
    assert milestone["due_on"].startswith("2026-01-06")
    without = [one["title"][:7] for one in github.issues if one["milestone"] is None]
    assert without == ["THR-700", "THR-701", "THR-702", "THR-703"]


def _tls(folder: Path) -> ssl.SSLContext:
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj"]
    names = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out", "cert.pem"]
    subprocess.run([*made, "/CN=golive", *names], cwd=folder, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


@pytest.fixture
def enterprise(tmp_path: Path) -> Iterator[FakeGithub]:
    """A GitHub that `gh` finds: it speaks TLS alone."""
    context = _tls(tmp_path)
    github = FakeGithub(prefix="/api/v3")
    with served(github, lambda one: context.wrap_socket(one, server_side=True)):
        yield github


@NEEDS_GH
def test_the_script_does_the_same_with_gh(
    enterprise: FakeGithub, export, epic: Path, tmp_path: Path
) -> None:
    """Run by `gh`: an epic arrives whole; a second run changes nothing, a third what changed."""
    for story in (300, 400, 500, 600):  # fewer calls: each starts a program
        (epic / f"thr-{story}.toml").unlink()
    edit(epic, "thr-200.toml", "depends_on = []", 'depends_on = ["THR-100", "THR-105"]')
    tickets = {ticket.key: ticket for ticket in tickets_of(read_epic(epic))}

    _script(enterprise, export, tmp_path, epic)
    entries = enterprise.by_key()
    made = len(enterprise.writes)
    quiet = _script(enterprise, export, tmp_path, epic)
    unchanged = len(enterprise.writes)
    edit(epic, "thr-200.toml", "Create ProcessEmpWebhookJob", 'It\'s `id` $(id) \\\\n \\"2\\"')
    changed = _script(enterprise, export, tmp_path, epic)

    assert entries.keys() == tickets.keys()
    for key, ticket in tickets.items():
        assert entries[key].labels == set(github_labels(ticket))
        assert entries[key].parent == ticket.parent
        assert entries[key].blockers == set(ticket.blocked_by)
    assert (made, quiet) == (unchanged, "")
    assert changed.splitlines() == ["update THR-200", "update THR-201"]
    assert enterprise.by_key()["THR-201"].title == 'THR-201: It\'s `id` $(id) \\n "2"'
    assert not enterprise.projects.boards


@NEEDS_GH
@pytest.mark.parametrize("theirs", [False, True])
def test_the_script_makes_the_board_with_gh(
    enterprise: FakeGithub, export, epic: Path, tmp_path: Path, run_of_health: Path, theirs: bool
) -> None:
    """One board, made or theirs, in whose first column all lie; what people moved stays, and what a
    run proves is moved to Done, once.
    """
    for story in (200, 300, 400, 500, 600):
        (epic / f"thr-{story}.toml").unlink()
    if theirs:
        enterprise.projects.begin(TITLE).cards.append(Card("P_1/999", 999, "o1"))
    _script(enterprise, export, tmp_path, epic, title=TITLE)
    (board,) = enterprise.projects.boards
    laid = board.columns()
    board.cards[-1].option = next(o["id"] for o in board.options if o["name"] == "In Review")
    quiet = _script(enterprise, export, tmp_path, epic, title=TITLE)
    moved = board.columns()
    edit(epic, "thr-100.toml", 'id = "THR-101"', 'id = "THR-101"\nfindings = ["smoke.health"]')
    ended = [
        _script(enterprise, export, tmp_path, epic, "--run", run_of_health, title=TITLE)
        for _ in range(2)
    ]

    issues = {one["number"] for one in enterprise.issues}
    empty: dict[str, set[int]] = {"In Progress": set(), "In Review": set(), "Done": set()}
    todo = {"Todo": {999}} if theirs else {}
    assert laid == todo | empty | {"Backlog": issues}
    assert quiet == ""
    last = board.cards[-1].issue
    assert moved == laid | {"Backlog": issues - {last}, "In Review": {last}}
    assert [one.splitlines() for one in ended] == [["finish THR-101", "card THR-101: Done"], []]
    assert board.columns()["Done"] == {
        one["number"] for one in enterprise.issues if one["state"] == "closed"
    }


def _script(
    tracker: FakeTracker, export, folder: Path, epic: Path, *words: str | Path, title: str = ""
) -> str:
    export("--to", "github", "--as", "script", "--out", folder, "--epic", epic, *words)
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(folder),
        "GH_HOST": tracker.url.removeprefix("https://"),
        "GH_ENTERPRISE_TOKEN": TOKEN,
        "SSL_CERT_FILE": str(folder / "cert.pem"),
    }
    ran = subprocess.run(
        ["sh", "github.sh", "acme/shop", title],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout
