"""Workers of their own, on a database of the queue Redis that the deployment's do not serve."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID, uuid4

import psutil
import psycopg
import pytest
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer
from rq.utils import as_text

from reference_app.database import conninfo
from reference_app.queueing.figures import QUEUE_NAMES
from reference_app.queueing.policies import DEFAULT, JobRequest
from reference_app.queueing.workers import ForkingWorker
from reference_app.settings import Settings
from reference_app.uploads import job as upload_jobs
from reference_app.webhooks.notification import from_fields
from reference_app.webhooks.route import job_for

Wait = Callable[..., None]
Supervisor = subprocess.Popen[bytes]

WORKERS = 7
"""As the deployment's environment has it: 3 for webhooks, 1 for each other queue."""
HELPERS = 4


@pytest.fixture
def held_payment(quiet_settings: Settings) -> Iterator[tuple[str, psycopg.Connection]]:
    """A payment whose row is locked until the connection rolls back: its job waits meanwhile."""
    unique_id = uuid4().hex
    with psycopg.connect(conninfo(quiet_settings), prepare_threshold=None) as connection:
        connection.execute(
            "INSERT INTO payments (unique_id, status) VALUES (%s, 'pending')", (unique_id,)
        )
        connection.commit()
        connection.execute("SELECT 1 FROM payments WHERE unique_id = %s FOR UPDATE", (unique_id,))
        yield unique_id, connection


def webhook_job(unique_id: str) -> JobRequest:
    """The job of an approved payment."""
    return job_for(from_fields({"unique_id": unique_id, "status": "approved"}), "request-1")


def new_upload(database: psycopg.Connection) -> UUID:
    """A pending upload whose file and columns do not matter."""
    upload_id = uuid4()
    database.execute(
        """INSERT INTO uploads (id, account, filename, object_key, size_bytes, sha256, status,
                                column_mapping)
           VALUES (%s, 'tests', 'a.csv', %s, 1, repeat('0', 64), 'pending', '{"unknown": 1}')""",
        (upload_id, str(upload_id)),
    )
    return upload_id


def upload_job(upload_id: UUID) -> JobRequest:
    """The job of an upload."""
    return JobRequest(
        DEFAULT, "reference_app.uploads.job.process_upload", (str(upload_id),), "doomed", "x"
    )


def effects(settings: Settings, unique_id: str) -> tuple[int, str]:
    """Audit rows and state of a payment."""
    with psycopg.connect(conninfo(settings), prepare_threshold=None) as connection:
        row = connection.execute(
            """SELECT (SELECT count(*) FROM webhook_events WHERE unique_id = p.unique_id), status
               FROM payments p WHERE unique_id = %s""",
            (unique_id,),
        ).fetchone()
    assert row
    return int(row[0]), str(row[1])


def busy_worker(redis: Redis) -> int:
    """The process of the worker that has a job, or 0."""
    for key in redis.smembers("rq:workers"):
        if redis.exists(as_text(key) + ":executions"):
            return int(redis.hget(key, "pid") or 0)
    return 0


def test_workers_serve_one_queue_each_and_leave_properly(workers: Supervisor, redis: Redis) -> None:
    """Every queue has its workers, and a stopped supervisor leaves none of them registered."""
    assert {redis.hget(key, "queues") for key in redis.smembers("rq:workers")} == {
        name.encode() for name in QUEUE_NAMES
    }
    workers.terminate()
    assert workers.wait(10) == 0
    assert not redis.smembers("rq:workers")


BEGINNER = """
import signal
from rq.serializers import JSONSerializer
from reference_app.queueing.policies import WEBHOOKS
from reference_app.queueing.workers import InProcessWorker
from reference_app.settings import load_settings
from reference_app.worker import build_worker

install = InProcessWorker._install_signal_handlers

def late(worker):
    print("registered", flush=True)
    while signal.SIGTERM not in signal.sigpending():
        pass
    install(worker)

InProcessWorker._install_signal_handlers = late
build_worker(load_settings(), WEBHOOKS, "beginner").work()
"""


@pytest.mark.usefixtures("quiet_settings")
def test_worker_that_is_told_to_stop_too_early_leaves_properly(root: Path, redis: Redis) -> None:
    """Between being registered and listening to signals: it does not stay registered."""
    with subprocess.Popen(
        [sys.executable, "-c", BEGINNER], cwd=root, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert "registered\n" in iter(process.stdout.readline, "")
        process.terminate()
        process.communicate(timeout=20)
        assert process.returncode == 0
    assert not redis.smembers("rq:workers")


@pytest.mark.usefixtures("workers")
def test_job_of_a_killed_worker_runs_again_and_has_one_effect(
    quiet_settings: Settings,
    redis: Redis,
    enqueue: Callable[[JobRequest], None],
    held_payment: tuple[str, psycopg.Connection],
    wait_for: Wait,
) -> None:
    """The janitor gives the job back at once, at the cost of a try and without its wait."""
    unique_id, lock = held_payment
    enqueue(webhook_job(unique_id))
    job = redis.keys("rq:job:emp-*")[0]
    wait_for(lambda: redis.hget(job, "status") == b"started", "a worker runs the job")
    os.kill(busy_worker(redis), signal.SIGKILL)
    wait_for(lambda: redis.hget(job, "retries_left") == b"2", "the job is given back", 5)
    wait_for(lambda: busy_worker(redis), "another worker has the job", 5)
    lock.rollback()
    wait_for(lambda: effects(quiet_settings, unique_id) == (1, "approved"), "the effect", 5)
    # The effect is committed a moment before the job is acknowledged.
    wait_for(lambda: not redis.zcard("rq:wip:webhooks"), "the job is done with")
    wait_for(lambda: redis.scard("rq:workers") == WORKERS, "its place is filled")
    assert not redis.llen("rq:queue:webhooks:intermediate")


def test_killed_supervisor_takes_all_along(workers: Supervisor, wait_for: Wait) -> None:
    """Workers and scheduler do not go on unsupervised."""
    everybody = psutil.Process(workers.pid).children(recursive=True)
    assert len(everybody) == WORKERS + HELPERS
    workers.kill()
    workers.wait()
    wait_for(lambda: not any(map(psutil.Process.is_running, everybody)), "all are gone", 3)


def test_sigterm_lets_the_running_job_finish(
    workers: Supervisor,
    quiet_settings: Settings,
    redis: Redis,
    enqueue: Callable[[JobRequest], None],
    held_payment: tuple[str, psycopg.Connection],
    wait_for: Wait,
) -> None:
    """Nothing is cut off, and the exit code is 0."""
    unique_id, lock = held_payment
    enqueue(webhook_job(unique_id))
    wait_for(lambda: busy_worker(redis), "a worker has the job")
    workers.terminate()
    time.sleep(0.5)
    assert workers.poll() is None
    lock.rollback()
    assert workers.wait(10) == 0
    assert effects(quiet_settings, unique_id) == (1, "approved")


@pytest.mark.usefixtures("workers")
def test_what_fails_for_good_is_kept_and_settles_its_upload(
    redis: Redis,
    enqueue: Callable[[JobRequest], None],
    database: psycopg.Connection,
    wait_for: Wait,
) -> None:
    """The failed job stays listed for a retry by hand, and the upload does not hang for ever."""
    upload_id = new_upload(database)
    enqueue(upload_job(upload_id))
    wait_for(lambda: redis.zcard("rq:scheduled:default") == 1, "the first try failed")
    # The last of its retries comes now instead of in a hundred seconds.
    redis.hset("rq:job:doomed", "retries_left", 0)
    redis.zadd("rq:scheduled:default", {"doomed": 0})
    wait_for(lambda: redis.zcard("rq:failed:default") == 1, "it failed for good")
    row = database.execute("SELECT status FROM uploads WHERE id = %s", (upload_id,)).fetchone()
    assert row == ("failed",)


@pytest.mark.parametrize("killed", ["work horse", "worker"])
def test_an_upload_whose_last_try_is_killed_is_settled(
    request: pytest.FixtureRequest,
    live_settings: Settings,
    redis: Redis,
    enqueue: Callable[[JobRequest], None],
    database: psycopg.Connection,
    wait_for: Wait,
    killed: str,
) -> None:
    """A kill of the process that runs the job leaves no upload that is processed for ever."""
    upload_id = new_upload(database)
    enqueue(upload_job(upload_id))
    redis.hset("rq:job:doomed", "retries_left", 0)
    with psycopg.connect(conninfo(live_settings), prepare_threshold=None) as lock:
        lock.execute("SELECT 1 FROM uploads WHERE id = %s FOR UPDATE", (upload_id,))
        request.getfixturevalue("workers")
        wait_for(lambda: redis.hget("rq:job:doomed", "status") == b"started", "the job runs")
        worker = psutil.Process(busy_worker(redis))
        (worker if killed == "worker" else worker.children()[0]).kill()
        lock.rollback()
    wait_for(lambda: redis.zcard("rq:failed:default") == 1, "it failed for good")

    row = database.execute(
        "SELECT status, failure FROM uploads WHERE id = %s", (upload_id,)
    ).fetchone()
    assert row == ("failed", "Processing failed repeatedly; upload the file again.")


@pytest.mark.parametrize("in_a_child", [False, True])
def test_a_failure_is_recorded_once(
    redis: Redis,
    enqueue: Callable[[JobRequest], None],
    monkeypatch: pytest.MonkeyPatch,
    in_a_child: bool,
) -> None:
    """Whether RQ runs the job or finds its process dead: one failure is one record."""
    recorded: list[str] = []
    monkeypatch.setattr(upload_jobs, "failed", lambda job, *_: recorded.append(job.id))
    unknown = JobRequest(DEFAULT, "reference_app.uploads.job.unknown", (), "doomed", "x")
    enqueue(unknown)
    queue = Queue(DEFAULT.name, connection=redis, serializer=JSONSerializer)
    worker = ForkingWorker([DEFAULT.name], connection=redis, serializer=JSONSerializer)
    job = queue.fetch_job("doomed")
    assert job is not None
    execution = worker.prepare_execution(job)
    worker.prepare_job_execution(job)

    if in_a_child:
        worker.handle_job_failure(job, queue, exc_string="killed", execution=execution)
    else:
        worker.perform_job(job, queue, execution)

    assert recorded == ["doomed"]
    assert redis.hget("rq:job:doomed", "retries_left") == b"2"
    assert not redis.zcard("rq:wip:default")
