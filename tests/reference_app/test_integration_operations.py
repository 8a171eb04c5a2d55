"""Pause, continue, failed, retry, terminate; periodic jobs and the long-wait alarm."""

import json
import os
import subprocess
from collections.abc import Callable
from typing import Any

import psutil
import pytest
from redis import Redis
from rq.utils import now, utcformat

from reference_app import queue as command
from reference_app.queueing import names
from reference_app.queueing.alarm import check_waits
from reference_app.queueing.balancer import CALM_S
from reference_app.queueing.figures import QUEUE_NAMES, read_figures
from reference_app.queueing.groups import groups_of
from reference_app.queueing.periodic import Periodic, PeriodicJobs
from reference_app.queueing.policies import BILLING, DEFAULT, VOP, WEBHOOKS, JobRequest
from reference_app.settings import Settings

Wait = Callable[..., None]
Enqueue = Callable[[JobRequest], None]

UNKNOWN = "reference_app.webhooks.job.no_such_job"


@pytest.fixture
def steer(
    quiet_settings: Settings, capsys: pytest.CaptureFixture[str]
) -> Callable[..., list[dict[str, Any]]]:
    """The command line, in JSON."""
    assert quiet_settings.redis_db == 9

    def run(*words: str) -> list[dict[str, Any]]:
        capsys.readouterr()
        command.main([*words, "--json"])
        return json.loads(capsys.readouterr().out)

    return run


def job(policy: Any, job_id: str, function: str = "os.getpid", *args: Any) -> JobRequest:
    """A small job."""
    return JobRequest(policy, function, args, job_id, "a job")


def status(redis: Redis, job_id: str) -> bytes | None:
    """Where a job has got to."""
    return redis.hget(f"rq:job:{job_id}", "status")


@pytest.mark.usefixtures("workers")
@pytest.mark.parametrize("queue", [None, "vop"])
def test_pause_holds_at_once_and_continue_lets_go(
    redis: Redis,
    enqueue: Enqueue,
    steer: Callable[..., list[dict[str, Any]]],
    wait_for: Wait,
    queue: str | None,
) -> None:
    """Idle workers take nothing from the moment of the pause on, and stay alive in it."""
    words = [queue] if queue else []
    rows = {row["queue"]: row for row in steer("pause", *words)}
    assert rows["vop"]["paused"]
    assert rows["billing"]["paused"] is (queue is None)
    for number in range(20):
        enqueue(job(VOP, f"held-{number}"))
    beats = {key: redis.hget(key, "last_heartbeat") for key in redis.smembers("rq:workers")}
    wait_for(
        lambda: all(redis.hget(key, "last_heartbeat") != beat for key, beat in beats.items()),
        "all beat, paused or not",
    )
    assert {status(redis, f"held-{number}") for number in range(20)} == {b"queued"}
    if queue:
        enqueue(job(BILLING, "free"))
        wait_for(lambda: status(redis, "free") == b"finished", "the other queue works")
    steer("continue", *words)
    wait_for(lambda: status(redis, "held-19") == b"finished", "the work goes on", 5)
    assert all(row["workers"] for row in steer("status"))


@pytest.mark.usefixtures("workers")
def test_failed_jobs_are_listed_and_run_again(
    redis: Redis,
    enqueue: Enqueue,
    steer: Callable[..., list[dict[str, Any]]],
    wait_for: Wait,
) -> None:
    """With the last line of what went wrong; a retry by hand has all its tries."""
    for job_id in ("first", "second"):
        enqueue(job(VOP, job_id, UNKNOWN))
        wait_for(
            lambda one=job_id: redis.zscore(names.scheduled_key(VOP.name), one),
            "the first try failed",
        )
        redis.hset(f"rq:job:{job_id}", "retries_left", 0)
        redis.zadd(names.scheduled_key(VOP.name), {job_id: 0})
    wait_for(lambda: redis.zcard(names.failed_key(VOP.name)) == 2, "they failed for good")
    rows = steer("failed")
    assert [row["job_id"] for row in rows] == ["first", "second"]
    assert "no_such_job" in rows[0]["error"]

    assert steer("retry", "first", "unknown") == [
        {"job_id": "first", "retried": True},
        {"job_id": "unknown", "retried": False},
    ]
    wait_for(lambda: redis.zscore(names.scheduled_key(VOP.name), "first"), "it ran and waits again")
    assert redis.hget("rq:job:first", "retries_left") == b"2"
    assert redis.ttl("rq:job:first") == -1
    assert steer("retry", "--all", "--dry-run") == [{"job_id": "second", "would_retry": True}]
    assert steer("retry", "--all") == [{"job_id": "second", "retried": True}]


def test_terminate_ends_workers_gracefully(
    workers: subprocess.Popen[bytes], redis: Redis, steer: Callable[..., list[dict[str, Any]]]
) -> None:
    """All of a node's processes, by a word in Redis, with exit code 0."""
    steer("terminate")
    assert workers.wait(10) == 0
    assert not redis.smembers("rq:workers")


@pytest.mark.usefixtures("workers")
def test_totals_are_counted(redis: Redis, enqueue: Enqueue, wait_for: Wait) -> None:
    """Done, failed tries, wait and run time by queue, from forked and other workers alike; what
    runs by the clock is counted, too.
    """
    busy = {VOP.name, DEFAULT.name}
    for policy in (VOP, DEFAULT):
        for number in range(3):
            enqueue(job(policy, f"{policy.name}-{number}", "time.sleep", 0.02))
        enqueue(job(policy, f"{policy.name}-bad", UNKNOWN))
    wait_for(
        lambda: all(
            one.done_total >= 3 and one.failed_tries_total >= 1
            for one in read_figures(redis)
            if one.name in busy
        ),
        "all are counted",
    )
    for one in read_figures(redis):
        if one.name in busy:
            assert 0.06 <= one.runtime_s_total < 5
            assert one.wait_s_total >= 0


def test_workers_follow_the_work(
    workers: subprocess.Popen[bytes], redis: Redis, enqueue: Enqueue, wait_for: Wait
) -> None:
    """A queue that takes long to clear gets a worker more, and gives it back afterwards."""

    def webhook_workers() -> int:
        return redis.scard("rq:workers:webhooks")

    before = len(psutil.Process(workers.pid).children())
    for number in range(60):
        enqueue(job(WEBHOOKS, f"slow-{number}", "time.sleep", 0.2))
    wait_for(lambda: webhook_workers() == 4, "a fourth worker comes")
    assert len(psutil.Process(workers.pid).children()) == before + 1
    wait_for(lambda: not redis.llen(names.list_key("webhooks")), "the queue is clear")
    wait_for(lambda: webhook_workers() == 3, "it leaves again", CALM_S + 15)
    assert redis.scard("rq:workers:vop") == redis.scard("rq:workers:billing") == 1


def test_periodic_job_comes_once_per_period(redis: Redis) -> None:
    """Over any number of nodes, with nothing piled up for periods that nobody saw."""
    hourly = Periodic(job(BILLING, "hourly"), every_s=3600)
    nodes = [PeriodicJobs(redis, [hourly]) for _ in range(3)]
    assert [node.enqueue_due(3600 * 10) for node in nodes] == [["hourly-10"], [], []]
    assert [node.enqueue_due(3600 * 10 + 3599) for node in nodes] == [[], [], []]
    # Still in the queue when its next period begins: once is enough.
    assert [node.enqueue_due(3600 * 11) for node in nodes] == [[], [], []]
    redis.hset("rq:job:hourly-10", "status", "finished")
    assert [node.enqueue_due(3600 * 15) for node in nodes] == [["hourly-15"], [], []]
    redis.hset("rq:job:hourly-15", "status", "finished")
    assert not nodes[0].enqueue_due(3600 * 10), "a clock that is behind repeats nothing"
    assert redis.lrange(names.list_key("billing"), 0, -1) == [b"hourly-10", b"hourly-15"]


@pytest.mark.usefixtures("workers")
def test_periodic_job_runs(redis: Redis, wait_for: Wait) -> None:
    """It is a job like any other."""
    [job_id] = PeriodicJobs(redis, [Periodic(job(VOP, "often"), every_s=60)]).enqueue_due()
    wait_for(lambda: status(redis, job_id) == b"finished", "it runs")


def test_long_wait_is_said_once_per_episode(
    redis: Redis, enqueue: Enqueue, quiet_settings: Settings
) -> None:
    """However many nodes look; and again after it was over."""
    enqueue(job(WEBHOOKS, "patient"))
    assert not check_waits(redis, quiet_settings)
    for _ in range(2):
        redis.hset("rq:job:patient", "enqueued_at", "2026-01-01T00:00:00.000000Z")
        assert check_waits(redis, quiet_settings) == ["webhooks"]
        assert not check_waits(redis, quiet_settings)
        redis.hset("rq:job:patient", "enqueued_at", utcformat(now()))
        assert not check_waits(redis, quiet_settings)


def test_groups_are_chosen_by_the_environment(
    settings_of: Callable[[dict[str, str]], Settings], production_env: dict[str, str]
) -> None:
    """A node runs the groups it is told to, and none that has no workers."""
    chosen = {**production_env, "WORKER_GROUPS": "webhooks,default", "WORKERS_DEFAULT_MAX": "0"}
    [webhooks] = groups_of(settings_of(chosen))
    assert (webhooks.least, webhooks.start, webhooks.most) == (2, 3, 5)
    billing = groups_of(settings_of(production_env))[1]
    assert [policy.name for policy in billing.queues] == ["billing", "reconciliation"]
    assert (billing.least, billing.most) == (2, 5)


def test_table_is_aligned_and_one_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever is in a cell; and an empty table says so."""
    text = command.table(
        [{"job_id": "a", "error": "two\nlines"}, {"job_id": "abcdef", "error": ""}]
    )
    assert text == "job id  error\na       two lines\nabcdef  -\n"
    assert command.table([]) == "none\n"
    assert not capsys.readouterr().out


def test_command_says_that_redis_is_away(
    settings_of: Callable[[dict[str, str]], Settings],
    production_env: dict[str, str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One line and exit code 1, no traceback."""
    settings_of(production_env)
    assert command.main(["status"]) == 1
    assert "not available" in capsys.readouterr().err


def test_status_shows_every_queue(
    quiet_settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """As a table that a person can read."""
    assert quiet_settings
    assert command.main(["status"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("queue")
    assert [line.split()[0] for line in lines[1:]] == list(QUEUE_NAMES)
    assert os.linesep not in lines[1]
