"""What a worker says to Redis about a job, in fewer steps than RQ: held against RQ itself."""

from collections.abc import Callable

import pytest
from redis import Redis
from rq import Queue, SimpleWorker
from rq.job import Job
from rq.serializers import JSONSerializer

from reference_app.queueing import names
from reference_app.queueing.policies import VOP, JobRequest
from reference_app.queueing.workers import InProcessWorker, PausableQueue

Enqueue = Callable[[JobRequest], None]

TIMES = {b"ended_at", b"started_at", b"last_heartbeat", b"enqueued_at", b"created_at"}
RESULTS = "rq:results:one"
SLACK_S = 10
KINDS = ((SimpleWorker, Queue), (InProcessWorker, PausableQueue))
"""RQ's and ours."""


@pytest.fixture
def take(redis: Redis) -> Callable[[type[Queue]], tuple[Job, Queue]]:
    """Takes the next job as a worker does."""

    def dequeue(kind: type[Queue]) -> tuple[Job, Queue]:
        queue = kind(VOP.name, connection=redis, serializer=JSONSerializer)
        found = kind.dequeue_any([queue], 1, redis, serializer=JSONSerializer)
        assert found
        return found

    return dequeue


def worker_of(kind: type[SimpleWorker], redis: Redis) -> SimpleWorker:
    """A worker under the same name, whatever its kind."""
    return kind([VOP.name], "w", connection=redis, serializer=JSONSerializer)


def left_of(redis: Redis) -> tuple[dict[bytes, bytes], dict[str, int]]:
    """The job's hash but for its times, and RQ's keys about jobs with how long they last."""
    fields = redis.hgetall(f"{names.JOB_PREFIX}one")
    assert fields.keys() >= TIMES
    keys = {key.decode() for key in redis.keys("rq:*") if not key.startswith(b"rq:worker")}
    lasting = {key: round(redis.ttl(key) / SLACK_S) for key in keys}
    return {name: value for name, value in fields.items() if name not in TIMES}, lasting


@pytest.mark.parametrize("tries_before", [0, 1])
def test_of_a_job_that_is_done_the_same_is_left_as_by_rq(
    redis: Redis,
    enqueue: Enqueue,
    take: Callable[[type[Queue]], tuple[Job, Queue]],
    tries_before: int,
) -> None:
    """Hash, registries and how long they last; but what it returned, which nobody asks for. What
    a try that failed has left goes with it.
    """
    left = []
    for worker, queue_class in KINDS:
        redis.flushdb()
        enqueue(JobRequest(VOP, "os.getpid", (), "one", "a job"))
        for _ in range(tries_before):
            redis.xadd(RESULTS, {"type": "2", "exc_string": "x"})
        job, queue = take(queue_class)
        worker_of(worker, redis).execute_job(job, queue)
        left.append(left_of(redis))
    (their_fields, their_keys), (our_fields, our_keys) = left
    if not tries_before:
        del their_keys[RESULTS]

    assert our_fields == their_fields
    assert our_keys == their_keys
    assert our_keys[f"{names.JOB_PREFIX}one"] == round(VOP.result_ttl_s / SLACK_S)


def test_while_a_job_runs_redis_knows_the_same_as_of_rq(
    redis: Redis,
    enqueue: Enqueue,
    take: Callable[[type[Queue]], tuple[Job, Queue]],
) -> None:
    """Whoever looks after the dead finds the job, its execution and its worker."""
    known = []
    for worker, queue_class in KINDS:
        redis.flushdb()
        enqueue(JobRequest(VOP, "os.getpid", (), "one", "a job"))
        job, _ = take(queue_class)
        assert redis.lrange(names.intermediate_key(VOP.name), 0, -1) == [b"one"]
        one = worker_of(worker, redis)
        execution = one.prepare_execution(job)
        one.prepare_job_execution(job, remove_from_intermediate_queue=True)
        held = redis.hgetall(execution.key)
        known.append(
            (
                {name: held[name] for name in (b"job_id", b"worker_name")},
                redis.zrange(names.running_key(VOP.name), 0, -1)
                == [execution.composite_key.encode()],
                redis.smembers(execution.worker_executions_key)
                == {execution.composite_key.encode()},
                redis.hmget(f"{names.JOB_PREFIX}one", "status", "worker_name"),
                redis.exists(names.intermediate_key(VOP.name), names.list_key(VOP.name)),
                redis.hget("rq:worker:w", "state"),
            )
        )
        one.perform_job(job, Queue(VOP.name, connection=redis), execution)

    assert known[0] == known[1]
    assert known[0][1:] == (True, True, [b"started", b"w"], 0, b"busy")


def test_a_job_that_nobody_knows_any_more_holds_up_no_other(
    redis: Redis,
    enqueue: Enqueue,
    take: Callable[[type[Queue]], tuple[Job, Queue]],
) -> None:
    """Its hash is gone: the next one is taken, and the janitor finds the rest."""
    redis.rpush(names.list_key(VOP.name), "gone")
    enqueue(JobRequest(VOP, "os.getpid", (), "one", "a job"))

    job, queue = take(PausableQueue)

    assert (job.id, job.origin, queue.name) == ("one", VOP.name, VOP.name)
    assert redis.lrange(names.intermediate_key(VOP.name), 0, -1) == [b"gone", b"one"]
