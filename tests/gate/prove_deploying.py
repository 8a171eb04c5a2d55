"""Long proofs of `golive deploy`: under 100 notifications a second, with versions that are broken,
and with a golive that is killed half way.
"""

import json
import os
import secrets
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from golive.adapters.deployments import reference_deployment
from golive.adapters.waiting import until
from golive.model.deployment import Deployment
from tests.conftest import PROGRAM
from tests.gate.deploying import ROOT, Deployed, deploy_under_load, replaced, version

PER_SECOND = 100.0
ROLLED_BACK_SECONDS = 60.0

BROKEN: dict[str, tuple[Callable[[Path], None], str]] = {
    "worker_does_not_start": (
        replaced("worker.py", "def main() -> int:", "raise SystemExit('no')\n\n\ndef main():"),
        "step start worker failed",
    ),
    "api_does_not_start": (
        replaced("api.py", "def main() -> int:", "raise SystemExit('no')\n\n\ndef main():"),
        "step start api-1 failed",
    ),
    "never_ready": (
        replaced("http/health.py", "ready = not draining and all(", "ready = draining and all("),
        "step ready api-1 failed",
    ),
    "smoke_fails": (
        replaced("uploads/ibans.py", "return str(IBAN(candidate).compact)", "return candidate[:9]"),
        "step smoke api-1 failed",
    ),
    "webhooks_answer_500": (
        replaced(
            "webhooks/route.py",
            "fields = parse_body(self.media_type, self.body())",
            "raise ZeroDivisionError\n        fields = parse_body(self.media_type, self.body())",
        ),
        "step smoke api-1 failed",
    ),
}


@pytest.fixture(scope="module")
def started() -> Iterator[Deployment]:
    """A deployment of this file alone."""
    with reference_deployment(progress=print) as deployment:
        yield deployment


def told(what: str, deployed: Deployed) -> None:
    """Print what was seen."""
    print(f"\n{what}: {deployed.record['outcome']}; {deployed.verdict}")
    print(f"  answers {deployed.answers}")
    print(f"  {deployed.strike_seconds:.1f} s, of it back {deployed.seconds_back:.1f} s")
    print(f"  steps {deployed.seconds}")


def test_a_rolling_deploy_fails_no_request(golive, started, tmp_path) -> None:
    """Under 100 notifications a second, from before its first step to after its last: none failed,
    none was lost, none had two effects.
    """
    deployed = deploy_under_load(
        golive,
        started.target_file,
        version(tmp_path / "v2"),
        tmp_path,
        notifications=6000,
        per_second=PER_SECOND,
    )
    told("a good version", deployed)

    assert deployed.record["outcome"] == "deployed", deployed.record["reason"]
    assert deployed.verdict.startswith("GO"), deployed.verdict
    assert set(deployed.answers) == {"ok: 200 new"}
    assert deployed.strike_seconds < deployed.sent_seconds


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_version_is_rolled_back_by_itself(golive, started, tmp_path, name) -> None:
    """Within a minute, and nothing is lost; no node that does not pass had a request."""
    edit, reason = BROKEN[name]

    deployed = deploy_under_load(
        golive,
        started.target_file,
        version(tmp_path / "broken", edit),
        tmp_path,
        notifications=6000,
        per_second=PER_SECOND,
    )
    told(name, deployed)

    assert deployed.record["outcome"] == "rolled back", deployed.record["reason"]
    assert reason in deployed.record["reason"]
    assert deployed.seconds_back < ROLLED_BACK_SECONDS
    assert deployed.verdict.startswith("GO"), deployed.verdict
    assert set(deployed.answers) == {"ok: 200 new"}


def test_a_killed_deploy_leaves_word(golive, started, tmp_path) -> None:
    """The next command says at which step it was left; it can be finished, and be undone."""
    target = started.target_file
    chosen = version(tmp_path / f"v-{secrets.token_hex(2)}", _mark)
    before = httpx.get(f"{started.base_url}/health").json()["version"]
    _kill_at(target, chosen, tmp_path, "drain")

    refused = golive("deploy", target, "--version", chosen, "--out", tmp_path / "a", cwd=ROOT)
    undone = golive("rollback", target, "--out", tmp_path / "b", cwd=ROOT)
    after_undoing = httpx.get(f"{started.base_url}/health").json()["version"]
    _kill_at(target, chosen, tmp_path, "start")
    finished = golive("deploy", target, "--resume", "--out", tmp_path / "c", cwd=ROOT)
    after = httpx.get(f"{started.base_url}/health").json()["version"]

    assert refused.returncode == 3
    assert "was left at step" in refused.stderr
    assert undone.returncode == 0, undone.stderr
    assert after_undoing == before
    assert finished.returncode == 0, finished.stderr
    assert after.startswith("mark.")


def _mark(package: Path) -> None:
    said = package / "__init__.py"
    said.write_text(said.read_text().replace('__version__ = "', '__version__ = "mark.'))


def _kill_at(target: str, chosen: Path, tmp_path: Path, act: str) -> None:
    """Begin to deploy, and kill it during a step."""
    out = tmp_path / f"killed-{act}"
    with subprocess.Popen(
        [PROGRAM, "deploy", target, "--version", str(chosen), "--out", out], cwd=ROOT
    ) as deploying:

        def stands_at() -> bool:
            for record in out.glob("*/deploy.json"):
                steps = json.loads(record.read_text())["steps"]
                return bool(steps) and steps[-1]["act"] == act
            return False

        assert until(stands_at, bool, within_seconds=120.0)
        os.kill(deploying.pid, signal.SIGKILL)
