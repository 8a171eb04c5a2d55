"""Proof that a whole `golive load` is made by workers elsewhere, and never green when one leaves.

Takes a minute and a half: `pytest -s tests/load/prove_workers.py`.
"""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest

from golive.model.load.shape import hold
from golive.model.load.traffic import NEW_ALONE, LoadPlan

PROGRAM = Path(sys.executable).with_name("golive")
SECRET = {"GOLIVE_WORKER_SECRET": "a secret of more than sixteen signs"}


@contextmanager
def started(*words: str | Path) -> Iterator[subprocess.Popen[str]]:
    """A command of golive's that runs beside the test."""
    env = {**os.environ, **SECRET}
    with subprocess.Popen([PROGRAM, *words], env=env, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.terminate()


def applied(deployment) -> int:
    """How many notifications the deployment has applied so far."""
    with psycopg.connect(deployment.access["REFERENCE_SQL_DSN"]) as sql:
        row = sql.execute("select count(*) from webhook_events").fetchone()
    assert row
    return int(row[0])


@pytest.mark.parametrize("leaves", [False, True], ids=["all stay", "one is killed"])
def test_a_run_is_made_by_workers_elsewhere(deployment, tmp_path, leaves: bool) -> None:
    """Both make every load of the run, and end with it. Where one is killed in the middle, the
    evidence says so, and the finding is INCONCLUSIVE.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    words = ("load", deployment.target_file, "--out", tmp_path, "--expect-workers", "2")
    with ExitStack() as running:
        workers = [running.enter_context(started("worker", address)) for _ in range(2)]
        load = running.enter_context(started(*words, "--bind", address))
        if leaves:
            before = applied(deployment)
            while "making a load of 20 s" not in workers[0].stderr.readline():
                assert workers[0].poll() is None
            while applied(deployment) < before + 300:
                assert load.poll() is None
            psutil.Process(workers[1].pid).children()[0].kill()
        told = load.communicate(timeout=180)[1]
        workers[0].wait(timeout=60)
    print(told)

    (folder,) = tmp_path.iterdir()
    (finding,) = json.loads((folder / "verdict.json").read_text())["findings"]
    assert "2 of 2 workers are there" in told
    assert SECRET["GOLIVE_WORKER_SECRET"] not in told
    assert finding["measured"]["workers"] == 2
    assert workers[0].returncode == 0
    if leaves:
        assert finding["outcome"] == "INCONCLUSIVE"
        assert any("1 of 2 workers left" in one.read_text() for one in folder.glob("evidence/*"))
    else:
        assert finding["outcome"] in ("PASS", "INCONCLUSIVE")
        assert finding["measured"]["acknowledged"] > 1000


def test_two_workers_feel_what_one_feels(serve, generate, total) -> None:
    """The same seed is the same load; a server that answers the same payment equally fast whoever
    asks has the same percentiles for two workers as for one, within their confidence intervals.
    """
    plan = LoadPlan((hold(150, 4),), mix=NEW_ALONE, timeout_seconds=5.0)
    with serve("--spread", "0.5") as url:
        one, two = (total(generate(url, plan, workers)[1]) for workers in (1, 2))

    assert one.sent == two.sent == one.answered == two.answered
    assert one.felt_p95_low_ms <= two.felt_p95_ms <= one.felt_p95_high_ms
    assert one.felt_p99_low_ms <= two.felt_p99_ms <= one.felt_p99_high_ms
    assert two.felt_p95_low_ms <= one.felt_p95_ms <= two.felt_p95_high_ms
