"""Proof that an exported load does what golive's own does: k6 against the reference deployment.

Takes half a minute, and once a minute to build k6: `pytest -s tests/load/prove_k6.py`.
"""

import os
import re
import subprocess
from pathlib import Path

import psycopg
import pytest

from golive.adapters.waiting import until

CATALOG = """
from golive.api import LoadPlan, hold, loads, ramp

short = loads(
    LoadPlan(stages=(ramp(0, 20, 2, may_be_slow=True), hold(20, 5)), timeout_seconds=5.0),
    statement="A few seconds of 20 notifications a second are answered within the SLO.",
    remediation="See load.epic.",
)
"""
DUE = 20 + 100


@pytest.fixture
def script(golive, deployment, tmp_path) -> Path:
    """A short load, written for the reference deployment."""
    file = tmp_path / "gate/scenarios/load/short.py"
    file.parent.mkdir(parents=True)
    file.write_text(CATALOG)
    # What is proven is what is sent and what comes of it, not how fast this machine is.
    target = tmp_path / "patient.toml"
    slo = "[slo]\np95_ms = 5000\np99_ms = 5000\n"
    target.write_text(Path(deployment.target_file).read_text() + slo)
    out = tmp_path / "short.js"
    ran = golive(
        *("export", "--load", "k6", "--only", "short", "--catalog", tmp_path / "gate"),
        *("--target", target, "--out", out),
        cwd=tmp_path,
    )
    assert ran.returncode == 0, ran.stderr
    return out


def run_k6(k6: Path, script: Path, password: str, tag: str) -> subprocess.CompletedProcess[str]:
    """Run a script as a user would."""
    return subprocess.run(
        [k6, "run", "--no-usage-report", "--no-color", "--quiet", script],
        env={**os.environ, "WEBHOOK_PASSWORD": password, "RUN_ID": tag},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def effects(deployment) -> int:
    """How many notifications of k6 the deployment has applied."""
    with psycopg.connect(deployment.access["REFERENCE_SQL_DSN"]) as sql:
        row = sql.execute(
            "select count(*) from payments where transaction_id like 'k6-%'"
        ).fetchone()
    assert row
    return int(row[0])


def test_the_export_is_accepted_and_takes_effect(k6, script, deployment) -> None:
    """Every threshold holds; each request that was acknowledged has its effect in the database."""
    ran = run_k6(k6, script, deployment.webhook_password, "first")
    print(ran.stdout)

    assert ran.returncode == 0, ran.stdout + ran.stderr
    sent = int(re.search(r"http_reqs[ .:]+(\d+)", ran.stdout).group(1))
    assert sent == pytest.approx(DUE, abs=2)
    assert "100.00%" in re.search(r"checks_succeeded.*", ran.stdout).group(0)
    # An acknowledged notification is applied by a job, some time later.
    found = until(lambda: effects(deployment), lambda count: count >= sent, within_seconds=30)
    assert found == sent


def test_a_wrong_signature_breaks_the_thresholds(k6, script, deployment) -> None:
    """With another password nothing is accepted, and k6 ends with its code for thresholds."""
    before = effects(deployment)
    ran = run_k6(k6, script, "another-password", "forged")

    assert ran.returncode == 99
    assert effects(deployment) == before


def test_without_a_password_nothing_is_sent(k6, script) -> None:
    """It is not in the script, and without it the test does not begin."""
    ran = run_k6(k6, script, "", "none")

    assert ran.returncode not in (0, 99)
    assert "WEBHOOK_PASSWORD is not set" in ran.stdout + ran.stderr
