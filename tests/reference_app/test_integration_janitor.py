"""Jobs of the dead run again, whatever died and wherever."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from redis import Redis
from rq import Queue
from rq.executions import Execution
from rq.serializers import JSONSerializer
from rq.utils import as_text

from reference_app.queueing import names
from reference_app.queueing.giving_back import LOSSES_FREE_OF_CHARGE, GivenBack, give_back
from reference_app.queueing.policies import BILLING, DEFAULT, VOP, WEBHOOKS, JobRequest, QueuePolicy
from reference_app.queueing.workers import ForkingWorker

Wait = Callable[..., None]
Enqueue = Callable[[JobRequest], None]
Start = Callable[..., subprocess.Popen[bytes]]

LIMIT_S = 15.0


@pytest.fixture
def gate(tmp_path: Path) -> Path:
    """A pipe that a job hangs on until the test opens it."""
    path = tmp_path / "gate"
    os.mkfifo(path)
    return path


def hanging(policy: QueuePolicy, gate: Path) -> JobRequest:
    """A job that waits for the gate. Its `failed` does not exist: that must harm nobody."""
    return JobRequest(policy, "os.open", (str(gate), os.O_RDONLY), "hanging", "a job")


def let_go(gate: Path) -> None:
    """Let the job that waits end."""
    gate.write_text("")


def started_by(redis: Redis) -> bytes | None:
    """The worker that runs the job."""
    running = redis.hget("rq:job:hanging", "status") == b"started"
    return redis.hget("rq:job:hanging", "worker_name") if running else None


def worker_of(redis: Redis) -> psutil.Process:
    """The process of the worker that runs the job."""
    return psutil.Process(int(redis.hget(f"rq:worker:{as_text(started_by(redis))}", "pid")))


def runs_again(redis: Redis, tries_left: int) -> bool:
    """Whether the job runs, at the cost of a try."""
    left = redis.hget("rq:job:hanging", "retries_left")
    return started_by(redis) is not None and left == str(tries_left).encode()


@pytest.mark.usefixtures("workers")
@pytest.mark.parametrize(
    "policy, victim",
    [(WEBHOOKS, "worker"), (BILLING, "worker"), (DEFAULT, "worker"), (DEFAULT, "work horse")],
    ids=["in process", "in process too", "forked", "work horse"],
)
def test_job_of_a_killed_process_runs_again(
    redis: Redis, enqueue: Enqueue, gate: Path, wait_for: Wait, policy: QueuePolicy, victim: str
) -> None:
    """Twice in a row within seconds each: no wait for a backoff, each kill costs one try."""
    enqueue(hanging(policy, gate))
    for tries_left in (3, 2):
        wait_for(lambda left=tries_left: runs_again(redis, left), "the job runs", LIMIT_S)
        process = worker_of(redis)
        (process if victim == "worker" else process.children()[0]).kill()
    wait_for(lambda: runs_again(redis, 1), "the job runs a third time", LIMIT_S)
    let_go(gate)
    wait_for(lambda: redis.hget("rq:job:hanging", "status") == b"finished", "it is done")
    wait_for(lambda: not redis.zcard(names.running_key(policy.name)), "nobody runs it any more")
    assert not redis.llen(names.intermediate_key(policy.name))


def test_job_lost_between_queue_and_start_runs(
    start_workers: Start, redis: Redis, enqueue: Enqueue, gate: Path, wait_for: Wait
) -> None:
    """A worker killed right after it took the job: no try is lost with it."""
    enqueue(hanging(VOP, gate))
    redis.lmove(names.list_key(VOP.name), names.intermediate_key(VOP.name))
    start_workers()
    wait_for(lambda: runs_again(redis, 3), "the job runs", LIMIT_S)
    let_go(gate)
    wait_for(lambda: redis.hget("rq:job:hanging", "status") == b"finished", "it is done")
    assert not redis.llen(names.intermediate_key(VOP.name))


@pytest.mark.parametrize("heir", ["restarted", "another node"])
def test_job_of_a_killed_node_runs_again(
    start_workers: Start, redis: Redis, enqueue: Enqueue, gate: Path, wait_for: Wait, heir: str
) -> None:
    """The supervisor and all its processes are gone: its restart or another node takes over."""
    doomed = start_workers("doomed")
    enqueue(hanging(WEBHOOKS, gate))
    wait_for(lambda: started_by(redis), "the job runs")
    if heir == "another node":
        start_workers("heir")
    doomed.kill()
    doomed.wait()
    killed_at = time.monotonic()
    if heir == "restarted":
        start_workers("doomed")
    wait_for(lambda: runs_again(redis, 2), "the job runs again", LIMIT_S)
    assert time.monotonic() - killed_at < LIMIT_S
    let_go(gate)
    wait_for(lambda: redis.hget("rq:job:hanging", "status") == b"finished", "it is done")


@pytest.mark.usefixtures("workers")
def test_job_that_kills_its_worker_fails_for_good(
    redis: Redis, enqueue: Enqueue, wait_for: Wait
) -> None:
    """Four workers are enough; the job is listed, and the queue goes on."""
    poison = JobRequest(VOP, "signal.raise_signal", (signal.SIGKILL,), "poison", "a job")
    enqueue(poison)
    wait_for(lambda: redis.zscore(names.failed_key(VOP.name), "poison"), "it failed", 30)
    enqueue(JobRequest(VOP, "os.getpid", (), "harmless", "a job"))
    wait_for(lambda: redis.hget("rq:job:harmless", "status") == b"finished", "the next is done")
    assert not redis.zcard(names.running_key(VOP.name))


def test_killed_janitor_is_back(
    workers: subprocess.Popen[bytes], redis: Redis, enqueue: Enqueue, gate: Path, wait_for: Wait
) -> None:
    """Janitor and worker killed together: the job runs again all the same."""
    enqueue(hanging(WEBHOOKS, gate))
    wait_for(lambda: started_by(redis), "the job runs")
    registered = {int(redis.hget(key, "pid")) for key in redis.smembers("rq:workers")}
    helpers = [p for p in psutil.Process(workers.pid).children() if p.pid not in registered]
    worker_of(redis).kill()
    for helper in helpers:
        helper.kill()
    wait_for(lambda: runs_again(redis, 2), "the job runs again", LIMIT_S)
    let_go(gate)
    wait_for(lambda: redis.hget("rq:job:hanging", "status") == b"finished", "it is done")


def running(redis: Redis, enqueue: Enqueue) -> Execution:
    """A job that a worker which is no more has begun."""
    enqueue(JobRequest(VOP, "os.getpid", (), "begun", "a job"))
    worker = ForkingWorker([VOP.name], connection=redis, serializer=JSONSerializer)
    redis.lmove(names.list_key(VOP.name), names.intermediate_key(VOP.name))
    job = Queue(VOP.name, connection=redis, serializer=JSONSerializer).fetch_job("begun")
    execution = worker.prepare_execution(job)
    worker.prepare_job_execution(job, remove_from_intermediate_queue=True)
    return execution


def test_giving_back_happens_once(redis: Redis, enqueue: Enqueue) -> None:
    """Two janitors, or one whose answer was lost: the job is in the queue once."""
    execution = running(redis, enqueue)
    outcomes = [give_back(redis, VOP.name, "begun", execution) for _ in range(3)]
    assert outcomes == [GivenBack.YES, GivenBack.NOTHING_TO_DO, GivenBack.NOTHING_TO_DO]
    assert redis.lrange(names.list_key(VOP.name), 0, -1) == [b"begun"]
    left = {as_text(key) for key in redis.keys("rq:*")}
    assert left <= {
        "rq:queues",
        "rq:queue:vop",
        "rq:job:begun",
        f"rq:worker:{execution.worker_name}",
    }


def test_retry_that_was_marked_but_not_stored_is_not_lost(redis: Redis, enqueue: Enqueue) -> None:
    """RQ marks a job as scheduled a moment before it is; a kill in between loses nothing here."""
    execution = running(redis, enqueue)
    redis.hset("rq:job:begun", "status", "scheduled")
    assert give_back(redis, VOP.name, "begun", execution) is GivenBack.YES
    assert redis.hget("rq:job:begun", "status") == b"queued"


def test_stored_retry_is_left_alone(redis: Redis, enqueue: Enqueue) -> None:
    """What waits for its retry is not run at once as well."""
    execution = running(redis, enqueue)
    redis.hset("rq:job:begun", "status", "scheduled")
    redis.zadd(names.scheduled_key(VOP.name), {"begun": 9_999_999_999})
    assert give_back(redis, VOP.name, "begun", execution) is GivenBack.NOTHING_TO_DO
    assert not redis.llen(names.list_key(VOP.name))


@pytest.mark.parametrize("status", ["finished", "failed", "canceled"])
def test_settled_job_is_only_tidied_up(redis: Redis, enqueue: Enqueue, status: str) -> None:
    """A left-over entry does not bring back what is done."""
    execution = running(redis, enqueue)
    redis.hset("rq:job:begun", "status", status)
    assert give_back(redis, VOP.name, "begun", execution) is GivenBack.NOTHING_TO_DO
    assert not redis.llen(names.list_key(VOP.name))
    assert not redis.zcard(names.running_key(VOP.name))


def test_job_that_is_lost_on_its_way_again_and_again_costs_a_try(
    redis: Redis, enqueue: Enqueue
) -> None:
    """A job that cannot even be started does not come back for ever."""
    enqueue(JobRequest(VOP, "os.getpid", (), "begun", "a job"))
    for _ in range(LOSSES_FREE_OF_CHARGE):
        redis.lmove(names.list_key(VOP.name), names.intermediate_key(VOP.name))
        assert give_back(redis, VOP.name, "begun", None) is GivenBack.YES
    redis.lmove(names.list_key(VOP.name), names.intermediate_key(VOP.name))
    assert give_back(redis, VOP.name, "begun", None) is GivenBack.OUT_OF_TRIES
    assert redis.hget("rq:job:begun", "retries_left") == b"3"
