"""`golive deploy` against the reference deployment; `prove_deploying.py` breaks more of it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from golive.config.target_file import read_target
from tests.gate.deploying import ROOT, version

CONTRACTING = """
from alembic import op

revision = "9999"
down_revision = "{before}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE uploads DROP COLUMN media_type")
"""


def newest(package: Path) -> str:
    """The id of the newest migration of the service."""
    return max(one.stem for one in (package / "migrations" / "versions").glob("0*.py"))[:4]


def test_the_way_back_is_shown_before_there_is_one(golive, started, tmp_path) -> None:
    """A checklist has it read before the first deploy: what would run again, in which steps."""
    ran = golive("rollback", started.target_file, "--dry-run", "--out", tmp_path, cwd=ROOT)

    assert ran.returncode == 0, ran.stderr
    assert "would have checkout run again" in ran.stderr
    assert "drain api-1" in ran.stderr


def test_a_backup_can_be_made_by_itself(golive, started, tmp_path) -> None:
    """The command says where it is, and what is in it; a dry run makes none."""
    dry = golive("backup", started.target_file, "--dry-run", "--out", tmp_path, cwd=ROOT)
    assert dry.stdout.startswith("would run: ")
    ran = golive("backup", started.target_file, "--out", tmp_path, cwd=ROOT)

    assert ran.returncode == 0, ran.stderr
    folder = ran.stdout.splitlines()[0]
    assert (Path(folder) / "SHA256SUMS").is_file()


def test_a_version_is_deployed(golive, started, tmp_path) -> None:
    """Step by step, every server runs it in the end; undoing is offered then."""
    chosen, out = version(tmp_path / "v2"), tmp_path / "runs"

    ran = golive(
        *("deploy", started.target_file, "--version", chosen, "--out", out, "--json"), cwd=ROOT
    )

    assert ran.returncode == 0, ran.stderr
    record = json.loads(ran.stdout)
    assert record["outcome"] == "deployed"
    done = [f"{one['act']} {one['node']}".strip() for one in record["steps"]]
    assert {"backup", "migrate", "drain api-2", "smoke api-1", "ready worker"} <= {*done}
    nodes = read_target(Path(started.target_file)).nodes.values()
    versions = {httpx.get(f"{url}/health").json()["version"] for url in nodes}
    assert [one[:2] for one in versions] == ["9."]
    undoing = golive("rollback", started.target_file, "--dry-run", cwd=ROOT)
    assert undoing.returncode == 0
    assert "would have checkout run in place of dir-" in undoing.stderr


def test_a_worker_that_was_left_behind_is_no_go(golive, started, tmp_path) -> None:
    """It has no address, so no health check tells its version: its process does."""
    words = (sys.executable, "-m", "golive.adapters.native.releasing", started.folder)
    deployed = _printed(*words, "running", "worker")
    place = version(tmp_path / "other", lambda package: (package / "other.py").touch())
    other = _printed(*words, "prepare", str(place))

    _printed(*words, "drain", "worker")
    _printed(*words, "start", "worker", other)
    ran = golive(
        *("run", started.target_file, "--only", "audit.nodes_version", "--out", tmp_path / "runs"),
        cwd=ROOT,
    )
    _printed(*words, "drain", "worker")
    _printed(*words, "start", "worker", deployed)

    (written,) = tmp_path.glob("runs/*/verdict.json")
    (finding,) = json.loads(written.read_text())["findings"]
    assert (ran.returncode, finding["outcome"]) == (1, "FAIL"), ran.stderr
    assert f"worker: release = {other}; api-1: release = {deployed}" in finding["summary"]


def _printed(*words: str) -> str:
    ran = subprocess.run(words, cwd=ROOT, check=True, capture_output=True, text=True)
    return ran.stdout.strip()


def test_a_migration_that_takes_away_is_refused(golive, started, tmp_path) -> None:
    """What the version before needs is named, and no server is touched; a dry run says the same."""

    def edit(package: Path) -> None:
        text = CONTRACTING.format(before=newest(package))
        (package / "migrations" / "versions" / "9999_contract.py").write_text(text)

    chosen = version(tmp_path / "v3", edit)
    pids = {one.role: one.pid for one in started.processes}

    ran = golive(
        *("deploy", started.target_file, "--version", chosen, "--out", tmp_path / "runs"),
        "--json",
        cwd=ROOT,
    )
    dry = golive("deploy", started.target_file, "--version", chosen, "--dry-run", cwd=ROOT)

    assert ran.returncode == dry.returncode == 3
    for one in (ran, dry):
        assert "ban-drop-column" in one.stderr
        assert "DROP COLUMN media_type" in one.stderr
    record = json.loads(ran.stdout)
    assert record["outcome"] == "not begun"
    assert [step["act"] for step in record["steps"]] == ["healthy", "check", "pending"]
    assert pids["nginx"]
    os.kill(pids["nginx"], 0)


@pytest.mark.parametrize(
    "words, said",
    [
        (("--version", "no-such-thing"), "neither a folder nor a revision"),
        ((), "no --version"),
        (("--resume",), "no deploy to this target was left half way"),
    ],
)
def test_what_cannot_be_deployed_is_said(golive, started, tmp_path, words, said) -> None:
    """In a sentence, with 3, and nothing was touched."""
    ran = golive("deploy", started.target_file, *words, "--out", tmp_path / "runs", cwd=ROOT)

    assert ran.returncode == 3
    assert said in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_target_that_does_not_say_how(golive, write_target, healthy_url, tmp_path) -> None:
    """Without a [deploy] nothing can be deployed, and the page that says how is named."""
    ran = golive("deploy", write_target(healthy_url), "--version", "v1", cwd=tmp_path)

    assert ran.returncode == 3
    assert "has no [deploy]" in ran.stderr
