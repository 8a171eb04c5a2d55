"""Retries come due, whoever died and however long Redis was away."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.scheduler import RQScheduler
from rq.serializers import JSONSerializer

from reference_app.queueing import names
from reference_app.queueing.job_hash import retry_policy
from reference_app.queueing.policies import VOP, WEBHOOKS, JobRequest
from reference_app.queueing.scheduler import promote

WORKERS = 7
"""As the deployment's environment has it."""

Wait = Callable[..., None]
Enqueue = Callable[[JobRequest], None]
Start = Callable[..., subprocess.Popen[bytes]]

TIMES = (b"enqueued_at", b"created_at")


def scheduled(redis: Redis, enqueue: Enqueue, job_id: str, in_s: float) -> None:
    """A job that waits for its retry, as RQ leaves it."""
    enqueue(JobRequest(VOP, "os.getpid", (), job_id, "a job"))
    redis.lrem(names.list_key(VOP.name), 1, job_id)
    redis.hset(f"rq:job:{job_id}", "status", "scheduled")
    redis.zadd(names.scheduled_key(VOP.name), {job_id: time.time() + in_s})


def test_due_job_is_as_rq_would_have_it(redis: Redis, enqueue: Enqueue) -> None:
    """Field by field, key by key: the contract with RQ's own scheduler."""
    scheduled(redis, enqueue, "one", -1)
    assert promote(redis) == 1
    ours, our_keys = redis.hgetall("rq:job:one"), sorted(redis.keys("rq:*"))
    redis.flushdb()
    scheduled(redis, enqueue, "one", -1)
    scheduler = RQScheduler([VOP.name], connection=redis, serializer=JSONSerializer)
    scheduler.acquire_locks()
    scheduler.enqueue_scheduled_jobs()
    scheduler.release_locks()
    theirs = redis.hgetall("rq:job:one")
    for time_field in TIMES:
        assert ours.pop(time_field)
        assert theirs.pop(time_field)
    assert ours == theirs
    assert our_keys == sorted(redis.keys("rq:*"))
    assert redis.lrange(names.list_key(VOP.name), 0, -1) == [b"one"]


def test_only_what_is_due_moves_and_only_once(redis: Redis, enqueue: Enqueue) -> None:
    """Several schedulers are as good as one; what has gone meanwhile is forgotten."""
    scheduled(redis, enqueue, "due", -1)
    scheduled(redis, enqueue, "later", 60)
    redis.zadd(names.scheduled_key(VOP.name), {"gone": 1})
    assert [promote(redis), promote(redis)] == [2, 0]
    assert redis.lrange(names.list_key(VOP.name), 0, -1) == [b"due"]
    assert redis.zrange(names.scheduled_key(VOP.name), 0, -1) == [b"later"]


def test_retry_comes_due_when_the_scheduler_was_killed(
    workers: subprocess.Popen[bytes], redis: Redis, enqueue: Enqueue, wait_for: Wait
) -> None:
    """All helpers of the node die at the moment it is due: two seconds later it is done."""
    registered = {int(redis.hget(key, "pid")) for key in redis.smembers("rq:workers")}
    helpers = [p for p in psutil.Process(workers.pid).children() if p.pid not in registered]
    assert len(helpers) == 4
    scheduled(redis, enqueue, "retried", 1)
    for helper in helpers:
        helper.kill()
    wait_for(lambda: redis.hget("rq:job:retried", "status") == b"finished", "it is done", 3.5)


def test_retry_comes_due_when_another_node_died(
    start_workers: Start, redis: Redis, enqueue: Enqueue, wait_for: Wait
) -> None:
    """No node holds a lock that would have to run out first."""
    doomed = start_workers("doomed")
    start_workers("heir")
    scheduled(redis, enqueue, "retried", 1)
    doomed.kill()
    doomed.wait()
    wait_for(lambda: redis.hget("rq:job:retried", "status") == b"finished", "it is done", 3.5)


class OwnRedis:
    """A Redis of the test's own, which can go and come back."""

    def __init__(self, folder: Path, port: int) -> None:
        self.port = port
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.client = Redis(port=port)

    def start(self) -> None:
        """Start, and wait until it answers."""
        program = shutil.which("redis-server")
        assert program, "there is no redis-server"
        options = f"--port {self.port} --bind 127.0.0.1 --appendonly yes --appendfsync everysec"
        self._process = subprocess.Popen(
            [program, *options.split(), "--save", "", "--dir", str(self._folder)],
            stdout=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 10
        while not self._answers():
            assert time.monotonic() < deadline, "Redis does not start"

    def kill(self) -> None:
        """Go without a word."""
        if self._process:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()

    def _answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except (RedisError, OSError):
            return False


@pytest.fixture
def own_redis(tmp_path: Path, free_port: Callable[[], int]) -> Iterator[OwnRedis]:
    """A Redis that this test may kill."""
    redis = OwnRedis(tmp_path, free_port())
    redis.start()
    yield redis
    redis.client.close()
    redis.kill()


def test_everybody_is_back_soon_after_an_outage(
    start_workers: Start, own_redis: OwnRedis, tmp_path: Path, wait_for: Wait
) -> None:
    """Waiting, running and retrying jobs all survive it, and are done moments after its end."""
    outage_s = float(os.environ.get("TETHER_OUTAGE_S", "5"))
    start_workers("outage", REDIS_PORT=str(own_redis.port), REDIS_PASSWORD="", REDIS_DB="0")
    client = own_redis.client
    wait_for(lambda: client.scard("rq:workers") == WORKERS, "all workers listen")
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    put(client, JobRequest(WEBHOOKS, "os.open", (str(gate), os.O_RDONLY), "running", "a job"))
    wait_for(lambda: client.hget("rq:job:running", "status") == b"started", "the job runs")
    put(client, JobRequest(VOP, "os.getpid", (), "retried", "a job"), due_in_s=2)
    client.set("tether:paused:billing", 1)
    own_redis.kill()
    time.sleep(outage_s)
    own_redis.start()
    back = time.monotonic()
    put(client, JobRequest(VOP, "os.getpid", (), "new", "a job"))
    for job in ("retried", "new"):
        wait_for(
            lambda job=job: client.hget(f"rq:job:{job}", "status") == b"finished",
            f"{job} is done",
            20,
        )
    gate.write_text("")
    wait_for(lambda: client.hget("rq:job:running", "status") == b"finished", "the job is done", 20)
    wait_for(lambda: client.scard("rq:workers") == WORKERS, "all workers are back", 20)
    assert time.monotonic() - back < 60


def put(client: Redis, request: JobRequest, due_in_s: float | None = None) -> None:
    """Enqueue by RQ, or leave it as a retry that is due soon."""
    queue = Queue(request.queue.name, connection=client, serializer=JSONSerializer)
    queue.enqueue_call(request.function, request.args, job_id=request.job_id, retry=retry_policy())
    if due_in_s is not None:
        client.lrem(names.list_key(request.queue.name), 1, request.job_id)
        client.hset(f"rq:job:{request.job_id}", "status", "scheduled")
        client.zadd(
            names.scheduled_key(request.queue.name), {request.job_id: time.time() + due_in_s}
        )
