"""The gate against the reference deployment: GO when it is well, and red by name when it is not."""

import json
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

SMOKE = [
    "smoke.health",
    "smoke.upload_stored",
    "smoke.upload_processed",
    "smoke.download",
    "smoke.webhook",
    "smoke.webhook_duplicate",
    "smoke.job_processed",
    "smoke.database",
]


def outcomes(out: Path) -> dict[str, str]:
    """Finding -> outcome of the only run in a folder."""
    (folder,) = out.iterdir()
    document = json.loads((folder / "verdict.json").read_text())
    return {finding["id"]: finding["outcome"] for finding in document["findings"]}


def deployments(golive) -> set[str]:
    """Names of the deployments of this checkout."""
    listed = json.loads(golive("ps", "--json", cwd=ROOT).stdout)
    return {one["name"] for one in listed["deployments"]}


@pytest.mark.alone
def test_the_reference_deployment_is_go_and_nothing_is_left_running(golive, tmp_path) -> None:
    """`golive run` starts it, smokes and loads it, and is gone when it ends; meanwhile what the
    host takes from this machine is watched.
    """
    before = deployments(golive)

    ran = golive("run", "--only", "smoke,load", "--out", tmp_path / "runs", cwd=ROOT)

    assert ran.returncode == 0, ran.stderr
    assert outcomes(tmp_path / "runs") == dict.fromkeys([*SMOKE, "load.steady"], "PASS")
    (seen,) = (tmp_path / "runs").glob("*/evidence/load.steady.json")
    (loaded,) = json.loads(seen.read_text())["evidence"]
    assert len([at for what, at, _ in loaded["facts"]["resources"] if what == "stolen seconds"]) > 5
    assert "report.html" in ran.stderr
    assert deployments(golive) <= before


def test_a_running_deployment_is_go(golive, deployment, tmp_path) -> None:
    """The same target, kept running, passes again and again: clean runs are never red."""
    for number in (1, 2):
        out = tmp_path / f"runs{number}"
        ran = golive("smoke", deployment.target_file, "--out", out, cwd=ROOT)

        assert ran.returncode == 0, ran.stderr
        assert set(outcomes(out).values()) == {"PASS"}


def test_judging_the_reference_run_again_is_identical(golive, deployment, tmp_path) -> None:
    """`golive judge` repeats the verdict from disk to the byte, without the target's secrets."""
    golive("smoke", deployment.target_file, "--out", tmp_path / "runs", cwd=ROOT)
    (folder,) = (tmp_path / "runs").iterdir()
    before = (folder / "verdict.json").read_bytes()

    ran = golive("judge", folder, cwd=tmp_path)

    assert ran.returncode == 0, ran.stderr
    assert (folder / "verdict.json").read_bytes() == before


def test_no_secret_of_the_deployment_is_in_a_run_folder(golive, deployment, tmp_path) -> None:
    """Passwords, tokens and keys of a real run are found in none of its files."""
    ran = golive("smoke", deployment.target_file, "--json", "--out", tmp_path / "runs", cwd=ROOT)

    written = ran.stdout + ran.stderr
    for path in (tmp_path / "runs").rglob("*"):
        written += path.read_text(errors="replace") if path.is_file() else ""
    for secret in deployment.secrets:
        assert secret not in written


def test_a_wrong_webhook_password_is_no_go(golive, deployment, tmp_path) -> None:
    """Notifications signed with another password are refused, and the webhook finding says so."""
    ran = golive(
        "run",
        deployment.target_file,
        "--only",
        "smoke.health,smoke.webhook,smoke.upload_stored",
        "--out",
        tmp_path / "runs",
        cwd=ROOT,
        env={"REFERENCE_WEBHOOK_PASSWORD": "not-the-password"},
    )

    assert ran.returncode == 1
    found = outcomes(tmp_path / "runs")
    assert found["smoke.webhook"] == "FAIL"
    assert found["smoke.health"] == found["smoke.upload_stored"] == "PASS"
    assert "answered 401, not 200" in ran.stderr


def test_another_bucket_is_no_go(golive, deployment, tmp_path) -> None:
    """Where the bucket is not the one that uploads go to, only the storage finding is red."""
    target = tmp_path / "reference.toml"
    text = Path(deployment.target_file).read_text()
    target.write_text(text.replace('"tether-uploads"', '"somewhere-else"'))
    shutil.copy(Path(deployment.target_file).with_suffix(".env"), tmp_path / "reference.env")

    ran = golive("smoke", target, "--out", tmp_path / "runs", cwd=ROOT)

    assert ran.returncode == 1
    red = [name for name, outcome in outcomes(tmp_path / "runs").items() if outcome != "PASS"]
    assert red == ["smoke.upload_stored"]
    assert "bucket somewhere-else holds no object" in ran.stderr


def test_pytest_gates_the_running_deployment(deployment, pytester) -> None:
    """All eight items pass as tests."""
    ran = pytester.runpytest_subprocess(
        f"--golive={deployment.target_file}", "--golive-only=smoke", "-p", "no:cacheprovider"
    )

    ran.assert_outcomes(passed=8)
    ran.stdout.fnmatch_lines(["*GO: all 8 statements*"])


@pytest.mark.alone
def test_pytest_starts_a_deployment_of_its_own(golive, tmp_path) -> None:
    """Without a target one deployment serves the whole session, and is gone with it."""
    before = deployments(golive)

    # Not by pytester, which takes away the home folder and with it the servers that were built.
    words = [
        sys.executable,
        "-m",
        "pytest",
        "--golive",
        "--golive-only=smoke",
        "-p",
        "no:cacheprovider",
    ]
    ran = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stdout
    assert "GO: all 8 statements about reference" in ran.stdout
    assert "8 passed" in ran.stdout
    assert deployments(golive) <= before


@pytest.fixture
def without(own_deployment):
    """Keeps one server of a deployment of this test's own down, as a drill would."""

    def stop(role: str) -> str:
        document = tomllib.loads(Path(own_deployment.target_file).read_text())
        commands = document["faults"]["processes"][role]
        subprocess.run(shlex.split(commands["stop"]), check=True)
        return own_deployment.target_file

    return stop


def test_an_api_node_that_is_down_is_no_go(golive, without, tmp_path) -> None:
    """The balancer hides a dead node from users, not from the gate."""
    target = without("api_1")

    ran = golive("smoke", target, "--out", tmp_path / "runs", cwd=ROOT)

    assert ran.returncode == 1
    assert outcomes(tmp_path / "runs")["smoke.health"] == "FAIL"
    assert "api-1" in ran.stderr
    assert "Connection refused" in ran.stderr


def test_a_worker_that_is_down_is_no_go(golive, without, tmp_path) -> None:
    """Accepted and never processed is red: jobs wait and nobody takes them."""
    target = without("worker")

    only = "smoke.health,smoke.webhook,smoke.upload_stored,smoke.job_processed"
    ran = golive("run", target, "--only", only, "--out", tmp_path / "runs", cwd=ROOT)

    assert ran.returncode == 1
    found = outcomes(tmp_path / "runs")
    assert found.pop("smoke.job_processed") == "FAIL"
    assert set(found.values()) == {"PASS"}
    # Killed, they could not sign off, and nobody is left to do it for them.
    assert "workers are registered" in ran.stderr, ran.stderr
