"""How many jobs a second a worker does, in its own process and with a fork for each.

Not collected by itself: `python -m pytest tests/reference_app/bench_workers.py -s`.
"""

import asyncio
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from uuid import uuid4

import psycopg
from redis import Redis

from reference_app.database import conninfo
from reference_app.queueing.claim import JobQueue
from reference_app.queueing.policies import WEBHOOKS
from reference_app.settings import Settings
from reference_app.webhooks.notification import from_fields
from reference_app.webhooks.route import job_for

ROUNDS = 5
JOBS = {"in process": 600, "forked": 100}
LEAST_RATIO = 5.0

# One worker, as the supervisor would fork it, until the queue is empty.
WORKER = """
import sys
from dataclasses import replace
import reference_app.webhooks.job
from reference_app.logs import configure_logging
from reference_app.queueing.policies import WEBHOOKS
from reference_app.settings import load_settings
from reference_app.worker import build_worker
settings = load_settings()
configure_logging(settings, "bench")
policy = replace(WEBHOOKS, forked=sys.argv[1] == "forked")
build_worker(settings, policy, sys.argv[2]).work(logging_level=None, max_jobs=int(sys.argv[3]))
"""


async def enqueue(settings: Settings, count: int) -> None:
    """Put notifications of new payments into the queue, as the API does."""
    queue = JobQueue(settings)
    for _ in range(count):
        notification = from_fields({"unique_id": f"bench-{uuid4().hex}", "status": "approved"})
        await queue.claim(f"claim:{uuid4().hex}", job_for(notification, "bench"))
    await queue.close()


def rate(settings: Settings, redis: Redis, kind: str, root: Path) -> float:
    """Jobs a second of one worker, from its first job on."""
    count = JOBS[kind]
    asyncio.run(enqueue(settings, count + 1))
    before = done(settings)
    process = subprocess.Popen(
        [sys.executable, "-c", WORKER, kind, f"bench-{uuid4().hex[:8]}", str(count + 1)],
        cwd=root,
        env=dict(os.environ),
        stderr=subprocess.DEVNULL,
    )
    while redis.llen("rq:queue:webhooks") > count - 1:
        time.sleep(0.001)
    started = time.perf_counter()
    while redis.llen("rq:queue:webhooks"):
        time.sleep(0.001)
    elapsed = time.perf_counter() - started
    assert process.wait(30) == 0
    assert done(settings) == before + count + 1
    return (count - 1) / elapsed


def done(settings: Settings) -> int:
    """Notifications that had their effect."""
    with psycopg.connect(conninfo(settings), prepare_threshold=None) as connection:
        query = "SELECT count(*) FROM webhook_events WHERE unique_id LIKE 'bench-%'"
        return int(connection.execute(query).fetchone()[0])


def test_in_process_is_several_times_as_fast(
    quiet_settings: Settings, redis: Redis, root: Path
) -> None:
    """The median of interleaved rounds, jobs with their effect in Postgres."""
    assert WEBHOOKS.forked is False
    rates: dict[str, list[float]] = {kind: [] for kind in JOBS}
    for _ in range(ROUNDS):
        for kind, found in rates.items():
            found.append(rate(quiet_settings, redis, kind, root))
    medians = {kind: statistics.median(found) for kind, found in rates.items()}
    ratio = medians["in process"] / medians["forked"]
    sys.stdout.write(f"\njobs a second, medians: {medians}; ratio {ratio:.1f}; all: {rates}\n")
    assert ratio >= LEAST_RATIO
