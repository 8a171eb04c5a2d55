"""The jobs of billing as RQ runs them, on a database of the queue Redis of their own."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from redis import Redis

from reference_app import rebill
from reference_app.billing.bill_job import request_for as bill_request
from reference_app.billing.chargebacks_job import chargebacks_request
from reference_app.billing.reconcile_job import reconcile_request
from reference_app.queueing import operations
from reference_app.queueing.connections import cache_redis, impatient_redis, queue_redis
from reference_app.queueing.enqueuer import Enqueuer
from reference_app.queueing.policies import BILLING, JobRequest
from reference_app.settings import Settings

from .conftest import Debtors, Gateway

Wait = Callable[..., None]
MakeDebtors = Callable[..., Debtors]

WORKER = """
import sys
from reference_app.settings import load_settings
from reference_app.queueing.policies import QUEUES
from reference_app.worker import build_worker
[policy] = [one for one in QUEUES if one.name == sys.argv[1]]
build_worker(load_settings(), policy, f"tests-{policy.name}").work()
"""
PREPARE = """
import sys
from reference_app.billing.vop_job import verify_payees
verify_payees(*sys.argv[1:])
"""


@pytest.fixture
def job_settings(
    billing_env: dict[str, str], settings_of: Callable[[dict[str, str]], Settings]
) -> Settings:
    """Settings, and environment, whose queues no other worker serves."""
    more = {"REDIS_DB": "8", "REDIS_CACHE_DB": "8", "BILLING_BREAKER_FAILURES": "2"}
    return settings_of({**billing_env, **more})


@pytest.fixture
def redis(job_settings: Settings) -> Iterator[Redis]:
    """The queue Redis, looked at directly; clean before and after."""
    with queue_redis(job_settings) as connection, cache_redis(job_settings) as cache:
        connection.flushdb()
        cache.flushdb()
        yield connection
        connection.flushdb()
        cache.flushdb()


@pytest.fixture
def start_worker(redis: Redis, root: Path) -> Iterator[Callable[[str], subprocess.Popen[bytes]]]:
    """Starts workers of one queue each."""
    assert redis
    started: list[subprocess.Popen[bytes]] = []

    def start(queue: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-c", WORKER, queue], cwd=root, stderr=subprocess.DEVNULL
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.terminate()
        process.wait(30)


@pytest.fixture
def enqueue(job_settings: Settings) -> Iterator[Callable[[JobRequest], bool]]:
    """Enqueues as jobs do."""
    enqueuer = Enqueuer(impatient_redis(job_settings))
    yield enqueuer.enqueue_once
    enqueuer.close()


def test_a_batch_before_an_open_circuit_is_put_back(
    gateway: Gateway,
    debtors: MakeDebtors,
    redis: Redis,
    job_settings: Settings,
    enqueue: Callable[[JobRequest], bool],
    start_worker: Callable[[str], subprocess.Popen[bytes]],
    wait_for: Wait,
) -> None:
    """It waits for its next turn, has none of its tries less, and then bills everybody."""
    upload = debtors(6)
    gateway.control("faults", down=1)
    request = bill_request(upload.batch, "run1", "request-1")
    enqueue(request)
    worker = start_worker("billing")
    wait_for(lambda: redis.zcard("rq:scheduled:billing") == 1, "the batch is put back", 20)
    # It keeps a circuit of its own as well, which is no less open than the shared one.
    worker.terminate()
    worker.wait(30)
    assert redis.hget(f"rq:job:{request.job_id}", "retries_left") == b"3"
    assert upload.attempts() == {"unknown": 2, "sending": 4}

    # Its turn and the circuit's come now instead of in five minutes.
    gateway.control("faults")
    with cache_redis(job_settings) as cache:
        cache.flushdb()
    redis.zrem("rq:scheduled:billing", request.job_id)
    redis.rpush("rq:queue:billing", request.job_id)
    start_worker("billing")
    wait_for(lambda: upload.attempts() == {"sent": 6}, "all are billed", 20)
    assert len(gateway.debits) == 6


def test_a_preparation_that_runs_again_queues_each_batch_once(
    gateway: Gateway, debtors: MakeDebtors, redis: Redis, root: Path
) -> None:
    """Names are asked for once as well; another run of billing queues them anew."""
    upload = debtors(51)

    def prepare(run: str) -> None:
        command = [sys.executable, "-c", PREPARE, str(upload.id), run]
        subprocess.run(command, cwd=root, check=True, capture_output=True)

    prepare("a" * 32)
    prepare("a" * 32)
    assert redis.llen("rq:queue:billing") == 2
    assert gateway.ask("truth")["calls"] == {"VerifyHandler": 51}
    prepare("b" * 32)
    assert redis.llen("rq:queue:billing") == 4


@pytest.mark.parametrize("request_job", [reconcile_request, chargebacks_request])
def test_periodic_jobs_run_by_their_names(
    redis: Redis,
    enqueue: Callable[[JobRequest], bool],
    start_worker: Callable[[str], subprocess.Popen[bytes]],
    wait_for: Wait,
    request_job: Callable[[], JobRequest],
) -> None:
    """As RQ calls them, to their end."""
    request = request_job()
    enqueue(request)
    start_worker("reconciliation")
    key = f"rq:job:{request.job_id}"
    wait_for(lambda: redis.hget(key, "status") in {b"finished", b"failed"}, "it has run", 40)

    assert redis.hget(key, "status") == b"finished"


def test_a_batch_that_fails_for_good_stays_listed(
    redis: Redis,
    enqueue: Callable[[JobRequest], bool],
    start_worker: Callable[[str], subprocess.Popen[bytes]],
    wait_for: Wait,
) -> None:
    """Its failure callback is found, and it can be run again by hand."""
    request = JobRequest(
        BILLING,
        function="reference_app.billing.bill_job.bill_batch",
        args=("no uuid", "1", "2"),
        job_id=f"bill-{uuid4().hex}",
        description="x",
    )
    enqueue(request)
    redis.hset(f"rq:job:{request.job_id}", "retries_left", 0)
    start_worker("billing")
    wait_for(lambda: redis.zcard("rq:failed:billing") == 1, "it failed for good", 20)


def test_a_batch_that_is_refused_alike_waits_for_a_person(
    gateway: Gateway,
    debtors: MakeDebtors,
    redis: Redis,
    enqueue: Callable[[JobRequest], bool],
    start_worker: Callable[[str], subprocess.Popen[bytes]],
    wait_for: Wait,
) -> None:
    """It fails for good at its first try, and a retry by hand bills who was left."""
    upload = debtors(13)
    gateway.control("answers", refused_rate=1)
    request = bill_request(upload.batch, "run1", "request-1")
    enqueue(request)
    start_worker("billing")
    wait_for(lambda: redis.zcard("rq:failed:billing") == 1, "the batch has failed", 20)
    assert upload.attempts() == {"rejected": 10, "sending": 3}
    [job] = operations.failed_jobs(redis)
    assert "BatchStoppedError" in job.error

    gateway.control("answers")
    assert operations.retry_all(redis) == [request.job_id]
    wait_for(lambda: upload.attempts() == {"rejected": 10, "sent": 3}, "the rest is billed", 20)


@pytest.fixture
def refused(
    gateway: Gateway,
    debtors: MakeDebtors,
    enqueue: Callable[[JobRequest], bool],
    start_worker: Callable[[str], subprocess.Popen[bytes]],
    wait_for: Wait,
) -> Debtors:
    """An upload of four whom the gateway has refused, one for an amount that is too small."""
    upload = debtors(4)
    upload.change("amount_cents = 5", 0)
    gateway.control("answers", refused_rate=1)
    enqueue(bill_request(upload.batch, "run1", "request-1"))
    start_worker("billing")
    wait_for(lambda: upload.attempts() == {"rejected": 4}, "all are refused", 20)
    gateway.control("answers")
    return upload


def test_who_was_rejected_is_billed_again_once_asked_for(
    gateway: Gateway,
    refused: Debtors,
    start_worker: Callable[[str], subprocess.Popen[bytes]],
    wait_for: Wait,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """By the reason: the others stay refused, and the gateway is asked before it is sent to. A dry
    run says how many, and changes nothing.
    """
    assert rebill.main([str(refused.id), "--rejected", "340", "--dry-run"]) == 0
    assert "would undo: 3" in capsys.readouterr().out
    assert refused.attempts() == {"rejected": 4}
    assert rebill.main([str(refused.id), "--rejected", "340"]) == 0
    assert "undone: 3" in capsys.readouterr().out
    start_worker("vop")
    wait_for(lambda: refused.attempts() == {"rejected": 1, "sent": 3}, "they are billed", 20)

    assert len(gateway.debits) == 3
    assert gateway.ask("truth")["calls"]["ReconcileHandler"] == 3


def test_without_its_queue_no_rejection_is_undone(
    refused: Debtors, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else they would be open, with nobody to bill them; an unknown upload is refused as well."""
    with pytest.raises(SystemExit, match="1"):
        rebill.main([str(uuid4())])
    monkeypatch.setenv("REDIS_PORT", "1")
    with pytest.raises(SystemExit, match="not available"):
        rebill.main([str(refused.id), "--rejected", ""])
    assert refused.attempts() == {"rejected": 4}
