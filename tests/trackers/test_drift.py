"""What people do in a tracker meanwhile: it is respected, or mended, and never doubled."""

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

from golive.adapters.exporting.gh_script import github_labels
from golive.catalog.epic import read_epic
from golive.model.ticket import tickets_of
from tests.trackers.fake_github import FakeGithub
from tests.trackers.serving import TOKEN, FakeTracker, served
from tests.trackers.test_synchronising import TICKETS, edit


@pytest.fixture
def github(monkeypatch):
    """GitHub alone."""
    with served(FakeGithub()) as serving:
        for name, value in serving.environment().items():
            monkeypatch.setenv(name, value)
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


@pytest.mark.skipif(not shutil.which("gh"), reason="GitHub's gh is not installed")
def test_the_script_does_the_same_with_gh(export, epic: Path, tmp_path: Path) -> None:
    """Run by `gh`: an epic arrives whole; a second run changes nothing, a third what changed."""
    context = _tls(tmp_path)
    for story in (300, 400, 500, 600):  # fewer calls: each starts a program
        (epic / f"thr-{story}.toml").unlink()
    edit(epic, "thr-200.toml", "depends_on = []", 'depends_on = ["THR-100", "THR-105"]')
    tickets = {ticket.key: ticket for ticket in tickets_of(read_epic(epic))}
    with served(
        FakeGithub(prefix="/api/v3"), lambda one: context.wrap_socket(one, server_side=True)
    ) as tracker:
        _script(tracker, export, tmp_path, epic)
        entries = tracker.by_key()
        made = len(tracker.writes)
        quiet = _script(tracker, export, tmp_path, epic)
        unchanged = len(tracker.writes)
        edit(epic, "thr-200.toml", "Create ProcessEmpWebhookJob", 'It\'s `id` $(id) \\\\n \\"2\\"')
        changed = _script(tracker, export, tmp_path, epic)
        title = tracker.by_key()["THR-201"].title

    assert entries.keys() == tickets.keys()
    for key, ticket in tickets.items():
        assert entries[key].labels == set(github_labels(ticket))
        assert entries[key].parent == ticket.parent
        assert entries[key].blockers == set(ticket.blocked_by)
    assert (made, quiet) == (unchanged, "")
    assert changed.splitlines() == ["update THR-200", "update THR-201"]
    assert title == 'THR-201: It\'s `id` $(id) \\n "2"'


def _script(tracker: FakeTracker, export, folder: Path, epic: Path) -> str:
    export("--to", "github", "--as", "script", "--out", folder, "--epic", epic)
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(folder),
        "GH_HOST": tracker.url.removeprefix("https://"),
        "GH_ENTERPRISE_TOKEN": TOKEN,
        "SSL_CERT_FILE": str(folder / "cert.pem"),
    }
    ran = subprocess.run(
        ["sh", "github.sh", "acme/shop"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout
