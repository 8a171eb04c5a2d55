"""Builds the Redis hash of an RQ job without sending it.

One script can then store it together with the claim. RQ has no public call for that:
`Queue.enqueue_call` sends on its own, and a crash between claim and enqueue would lose the event.
Everything private of RQ that the service relies on is in this file, RQ is pinned, and a contract
test compares the outcome with RQ's own, field by field, on a real Redis.
"""

from dataclasses import dataclass

from redis import Redis
from rq import Callback, Queue, Retry
from rq.scripts import _build_hset_args
from rq.serializers import JSONSerializer

from reference_app.queueing import names
from reference_app.queueing.policies import RETRY_INTERVALS_S, JobRequest

# RQ asks the server for its version on every first use, a blocking call. Any version from 6.2 on
# is treated alike, so it is told instead of asked.
_SERVER_VERSION = (7, 0, 0)


@dataclass(frozen=True)
class JobHash:
    """A job as RQ stores it."""

    job_id: str
    job_key: str
    queue_key: str
    fields: tuple[str | bytes, ...]
    """Names and values in turn, as HSET takes them."""

    def claimed_by(
        self, claim_key: str, keep_s: int, terms: str = ""
    ) -> tuple[list[str], list[str | bytes | int]]:
        """Keys and arguments for claim.lua."""
        keys = [claim_key, self.job_key, names.QUEUES_KEY, self.queue_key]
        return keys, [keep_s, self.job_id, terms, *self.fields]


class JobHashBuilder:
    """Builds job hashes. The connection is RQ's formality and is never used."""

    def __init__(self, unused_connection: Redis) -> None:
        self._connection = unused_connection
        self._queues: dict[str, Queue] = {}

    def build(self, request: JobRequest) -> JobHash:
        """The hash that RQ's own enqueue_call would have stored."""
        queue = self._queue(request.queue.name)
        job = queue.create_job(
            request.function,
            args=request.args,
            job_id=request.job_id,
            description=request.description,
            meta=dict(request.meta),
            timeout=request.queue.job_timeout_s,
            result_ttl=request.queue.result_ttl_s,
            failure_ttl=request.queue.failure_ttl_s,
            retry=retry_policy(),
            on_failure=Callback(request.on_failure),
        )
        queue._prepare_for_queue(job)  # noqa: SLF001  see above
        args: list[str | bytes] = _build_hset_args(job)  # type: ignore[no-untyped-call]
        return JobHash(job.id, job.key, queue.key, tuple(args))

    def _queue(self, name: str) -> Queue:
        if name not in self._queues:
            queue = Queue(name, connection=self._connection, serializer=JSONSerializer)
            queue.redis_server_version = _SERVER_VERSION
            self._queues[name] = queue
        return self._queues[name]


def retry_policy() -> Retry:
    """Three tries after the first, further and further apart."""
    return Retry(max=len(RETRY_INTERVALS_S), interval=list(RETRY_INTERVALS_S))
