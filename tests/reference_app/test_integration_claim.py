"""Claim and enqueue on a real Redis, in a database that no worker listens to."""

import asyncio
from collections.abc import Iterator

import pytest
from redis import Redis
from rq import Callback, Queue
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.utils import as_text

from reference_app.http.problems import UnavailableError
from reference_app.queueing.claim import CLAIM_TTL_S, Claim, JobQueue
from reference_app.queueing.connections import queue_redis
from reference_app.queueing.job_hash import retry_policy
from reference_app.queueing.policies import DEFAULT, WEBHOOKS, JobRequest, QueuePolicy
from reference_app.settings import Settings

TIMES = {b"created_at", b"enqueued_at"}


@pytest.fixture
def redis(quiet_settings: Settings) -> Iterator[Redis]:
    """The queue Redis, looked at directly."""
    with queue_redis(quiet_settings) as connection:
        yield connection


def request(queue: QueuePolicy = WEBHOOKS, job_id: str = "emp-1") -> JobRequest:
    """A job like those of the handlers."""
    meta = {"request_id": "r", "received_at": "now"}
    return JobRequest(
        queue, "reference_app.webhooks.job.process_emp_webhook", ({"a": "ü"},), job_id, "text", meta
    )


def claim_all(settings: Settings, *claims: tuple[str, JobRequest]) -> list[Claim]:
    """Make all the claims at the same time."""

    async def run() -> list[Claim]:
        queue = JobQueue(settings)
        try:
            return await asyncio.gather(*(queue.claim(key, job) for key, job in claims))
        finally:
            await queue.close()

    return asyncio.run(run())


@pytest.mark.parametrize("policy", [WEBHOOKS, DEFAULT], ids=lambda policy: policy.name)
def test_job_equals_one_that_rq_enqueued(
    quiet_settings: Settings, redis: Redis, policy: QueuePolicy
) -> None:
    """Field by field, key by key: the contract with RQ that the script relies on."""
    asked = request(policy)
    claim_all(quiet_settings, ("claim", asked))
    ours, our_keys = redis.hgetall("rq:job:emp-1"), snapshot(redis)
    redis.flushdb()
    Queue(policy.name, connection=redis, serializer=JSONSerializer).enqueue_call(
        asked.function,
        args=asked.args,
        timeout=policy.job_timeout_s,
        result_ttl=policy.result_ttl_s,
        failure_ttl=policy.failure_ttl_s,
        description=asked.description,
        job_id=asked.job_id,
        meta=dict(asked.meta),
        retry=retry_policy(),
        on_failure=Callback(asked.on_failure),
    )
    theirs = redis.hgetall("rq:job:emp-1")
    assert {k: v for k, v in ours.items() if k not in TIMES} == {
        k: v for k, v in theirs.items() if k not in TIMES
    }
    assert set(ours) == set(theirs)
    assert {key: kept for key, kept in our_keys.items() if key != "claim"} == snapshot(redis)


def snapshot(redis: Redis) -> dict[str, object]:
    """Every key with its type, its expiry and, where it is a list or a set, its members."""
    found: dict[str, object] = {}
    for key in map(as_text, redis.keys()):
        kind = as_text(redis.type(key))
        members = redis.lrange(key, 0, -1) if kind == "list" else None
        found[key] = (kind, redis.ttl(key) > 0, redis.smembers(key) if kind == "set" else members)
    return found


def test_job_is_readable_by_rq(quiet_settings: Settings, redis: Redis) -> None:
    """RQ finds the job with its arguments, limits and meta."""
    claim_all(quiet_settings, ("claim", request()))
    job = Job.fetch("emp-1", connection=redis, serializer=JSONSerializer)
    assert (job.func_name, job.args) == (request().function, [{"a": "ü"}])
    assert (job.timeout, job.retries_left, job.retry_intervals) == (120, 3, [10, 30, 60])
    assert job.meta["request_id"] == "r"


def test_fifty_deliveries_at_once_make_one_job(quiet_settings: Settings, redis: Redis) -> None:
    """However many connections race, one wins, and the claim lasts a day."""
    results = claim_all(quiet_settings, *[("claim", request())] * 50)
    assert sorted(result.value for result in results).count("accepted") == 1
    assert redis.lrange("rq:queue:webhooks", 0, -1) == [b"emp-1"]
    assert 0 < redis.ttl("claim") <= CLAIM_TTL_S


def test_stale_hash_of_an_earlier_run_is_replaced(quiet_settings: Settings, redis: Redis) -> None:
    """What a kept failure left behind does not mix with the new job."""
    redis.hset("rq:job:emp-1", mapping={"exc_info": "old", "number_of_retries": "3"})
    claim_all(quiet_settings, ("claim", request()))
    assert not {b"exc_info", b"number_of_retries"} & set(redis.hgetall("rq:job:emp-1"))


def test_refused_write_leaves_no_claim(quiet_settings: Settings, redis: Redis) -> None:
    """A Redis at its memory limit takes neither claim nor job, so the redelivery is accepted."""
    limit = redis.config_get("maxmemory")["maxmemory"] or "0"
    redis.config_set("maxmemory", "1")
    try:
        with pytest.raises(UnavailableError):
            claim_all(quiet_settings, ("claim", request()))
    finally:
        redis.config_set("maxmemory", limit)
    assert not redis.keys()
    assert claim_all(quiet_settings, ("claim", request())) == [Claim.ACCEPTED]


class LossyLine:
    """A line to Redis that swallows all replies once a script was called, unless told otherwise."""

    def __init__(self, settings: Settings, *, replies: bool) -> None:
        self._far = (settings.redis_host, settings.redis_port)
        self._replies = replies
        self._tasks: list[asyncio.Task[None]] = []

    async def accept(self, near: asyncio.StreamReader, out: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        far, far_out = await asyncio.open_connection(*self._far)
        called = asyncio.Event()
        self._tasks += [
            asyncio.create_task(self._pipe(near, far_out, called, notice=b"EVALSHA")),
            asyncio.create_task(self._pipe(far, out, called, notice=b"")),
        ]

    async def _pipe(
        self,
        source: asyncio.StreamReader,
        sink: asyncio.StreamWriter,
        called: asyncio.Event,
        *,
        notice: bytes,
    ) -> None:
        try:
            while data := await source.read(65536):
                if notice and notice in data:
                    called.set()
                if notice or self._replies or not called.is_set():
                    sink.write(data)
        finally:
            sink.close()

    async def close(self) -> None:
        """End all connections."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        # Closed transports let go of their sockets in the next round of the loop.
        await asyncio.sleep(0.01)


async def deliver(settings: Settings, *, replies: bool) -> Claim:
    """Make one claim over a line that may lose the reply."""
    line = LossyLine(settings, replies=replies)
    server = await asyncio.start_server(line.accept, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    queue = JobQueue(settings.model_copy(update={"redis_port": port}))
    try:
        return await queue.claim("claim", request())
    finally:
        await queue.close()
        server.close()
        await line.close()


def test_lost_reply_loses_nothing_and_doubles_nothing(
    quiet_settings: Settings, redis: Redis
) -> None:
    """Redis did its work, its reply was lost: 503, and the redelivery finds the job queued once."""
    # The script must be known, or the lost reply is that of loading it.
    claim_all(quiet_settings, ("other", request(job_id="emp-0")))
    with pytest.raises(UnavailableError):
        asyncio.run(deliver(quiet_settings, replies=False))
    assert asyncio.run(deliver(quiet_settings, replies=True)) is Claim.ALREADY_PROCESSED
    assert redis.lrange("rq:queue:webhooks", 0, -1) == [b"emp-0", b"emp-1"]
