"""What docs/performance-tuning.md is written from: one number changed at a time, all else equal.

Not collected by itself: `python -m pytest -s tests/load/bench_tuning.py`, with `-k workers` for one
of the sweeps. Each row is a fresh reference deployment under the same load, the median of rounds.
"""

import hashlib
import json
import os
import re
import signal
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from dotenv import dotenv_values

from golive.adapters.deployments import find_deployment
from golive.adapters.native.control.deployed import Deployed
from golive.adapters.native.control.redis_queue import connect

ROOT = Path(__file__).parents[2]
NAME = "tuning"
ROUNDS = 3
JOBS = 2_000
SHOWN = ("p50_ms", "p95_ms", "p99_ms", "queue_deepest_jobs", "queue_drained_s", "failed")

LOAD = '''
"""100 notifications a second for a while."""
from golive.api import LoadPlan, Profile, hold, loads, ramp

tuning = loads(
    LoadPlan(stages=(ramp(0, 100, 3, may_be_slow=True), hold(100, 15)), files=2),
    statement="100 notifications a second are answered within the SLO, and none is lost.",
    remediation="This is a measurement.",
    profile=Profile.FULL,
)
'''

FORM = {
    "transaction_type": "sdd_sale",
    "status": "approved",
    "transaction_id": "tuning",
    "amount": "1000",
    "currency": "EUR",
}

Prepare = Callable[[Deployed], object]
Measure = Callable[..., None]


@contextmanager
def deployment(golive, *words: str) -> Iterator[Deployed]:
    """A fresh deployment, started with these words."""
    ran = golive("up", "--fresh", "--name", NAME, *words, cwd=ROOT)
    assert ran.returncode == 0, ran.stderr
    try:
        found = find_deployment(NAME)
        assert found is not None
        yield Deployed(Path(found.folder))
    finally:
        golive("down", "--name", NAME, cwd=ROOT)


@pytest.fixture
def measure(golive, tmp_path) -> Measure:
    """Loads fresh deployments and prints the medians as a row of a table."""
    folder = tmp_path / "catalog" / "scenarios" / "load"
    folder.mkdir(parents=True)
    (folder / "tuning.py").write_text(LOAD)

    def load(out: Path) -> dict[str, float]:
        words = ("--only", "load.tuning", "--catalog", tmp_path / "catalog", "--out", out)
        ran = golive("run", f"targets/{NAME}.toml", *words, cwd=ROOT)
        verdicts = list(out.glob("*/verdict.json"))
        assert verdicts, ran.stderr
        return json.loads(verdicts[0].read_text())["findings"][0]["measured"]

    def measured(what: str, *words: str, prepare: Prepare = lambda _: None) -> None:
        rounds = []
        for number in range(ROUNDS):
            with deployment(golive, *words) as one:
                prepare(one)
                rounds.append(load(tmp_path / f"{what}-{number}"))
        cells = (f"{statistics.median(one[name] for one in rounds):.4g}" for name in SHOWN)
        print(f"| {what} | {' | '.join(cells)} |")

    print(f"\n| | {' | '.join(SHOWN)} |\n|---|{'---|' * len(SHOWN)}")
    return measured


@pytest.mark.parametrize("workers", [1, 2, 3, 5])
def test_workers_of_the_webhooks_queue(measure, workers: int) -> None:
    """How deep the queue becomes with that many workers, no more and no fewer."""
    ends = ("MIN", "START", "MAX")
    words = [word for end in ends for word in ("--set", f"WORKERS_WEBHOOKS_{end}={workers}")]
    measure(f"{workers} workers", *words)


@pytest.mark.parametrize("nodes", [1, 2, 3])
def test_api_nodes(measure, nodes: int) -> None:
    """What a further API node does for the latency."""
    measure(f"{nodes} API nodes", "--api-nodes", str(nodes))


@pytest.mark.parametrize("policy", ["always", "everysec"])
def test_when_redis_writes_to_disk(measure, policy: str) -> None:
    """What it costs that an acknowledged notification survives a power cut."""

    def prepare(one: Deployed) -> None:
        with connect(one) as redis:
            redis.config_set("appendfsync", policy)

    measure(f"appendfsync {policy}", prepare=prepare)


@pytest.mark.parametrize("size", [1, 2, 5, 25])
def test_connections_to_postgres(measure, size: int) -> None:
    """What it costs when pgBouncer has fewer connections to share out."""

    def prepare(one: Deployed) -> None:
        file = one.folder / "data/pgbouncer/pgbouncer.ini"
        lines = re.compile(r"(?m)^(default|reserve)_pool_size = .*$")
        file.write_text(lines.sub(rf"\1_pool_size = {size}", file.read_text()))
        pid = one.server("pgbouncer").pid
        assert pid
        os.kill(pid, signal.SIGHUP)

    measure(f"pool of {size}", prepare=prepare)


def test_memory_of_waiting_jobs(golive) -> None:
    """How much of Redis a waiting notification takes, its idempotency key included."""
    with deployment(golive) as one, connect(one) as redis, httpx.Client() as client:
        env = {name: value or "" for name, value in dotenv_values(one.folder / "app.env").items()}
        pause = [sys.executable, "-m", "reference_app.queue", "pause", "webhooks"]
        subprocess.run(pause, cwd=ROOT, env=env, check=True)
        before = redis.info("memory")["used_memory"]
        url = f"{one.snapshot().deployment.base_url}/api/webhooks/emp"
        for number in range(JOBS):
            unique_id = f"{number:032x}"
            text = f"{unique_id}{env['EMP_API_PASSWORD']}".encode()
            signed = hashlib.new("sha1", text, usedforsecurity=False).hexdigest()
            form = {"unique_id": unique_id, "signature": signed, **FORM}
            client.post(url, data=form).raise_for_status()
        used = redis.info("memory")["used_memory"] - before

    print(f"\n{used / JOBS:.0f} bytes for each of {JOBS} waiting notifications")
    assert used > 0
