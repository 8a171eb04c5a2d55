"""Gives the jobs of the dead back to their queues, seconds after the death.

One per node, and any of them does it for all nodes; each step is atomic or safe to repeat, so a
janitor may itself be killed anywhere.
"""

import os
import time
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.executions import Execution
from rq.registry import FailedJobRegistry, FinishedJobRegistry
from rq.serializers import JSONSerializer
from rq.utils import as_text
from rq.worker import BaseWorker
from rq.worker_registration import clean_worker_registry

from reference_app.queueing import names
from reference_app.queueing.connections import impatient_redis
from reference_app.queueing.giving_back import give_back
from reference_app.queueing.loop import repeat
from reference_app.queueing.policies import QUEUES
from reference_app.queueing.silence import Silence
from reference_app.queueing.workers import SettlingWorker
from reference_app.settings import Settings

LOOK_S = 1.0
SILENCE_S = 6.0
"""Four beats missed: a worker of another machine, or of a killed supervisor, is dead."""
ORPHAN_S = 3.0
"""From the queue to its start a job takes milliseconds; after this its worker is gone."""
TIDY_S = 60.0

_WORKER_PREFIX = BaseWorker.redis_worker_namespace_prefix

log = structlog.get_logger("janitor")


@dataclass(frozen=True)
class Running:
    """A job that a worker says it runs."""

    queue: str
    entry: str
    worker: str


@dataclass(frozen=True)
class Seen:
    """What one look finds."""

    beats: dict[str, str]
    pids: dict[str, int]
    signed_off: set[str]
    running: list[Running]
    on_the_way: dict[str, set[str]] = field(default_factory=dict)


class Janitor:
    """Looks for the dead. `tree` marks the workers of its own supervisor, whose ends it sees."""

    def __init__(self, redis: Redis, tree: str) -> None:
        self._redis = redis
        self._tree = tree
        self._workers = Silence(SILENCE_S)
        self._orphans = Silence(ORPHAN_S)
        self._tidy_due_s = 0.0

    def look(self) -> None:
        """Look once, and give back what the dead held."""
        seen = _read(self._redis)
        now_s = time.monotonic()
        silent = self._workers.look(now_s, seen.beats)
        dead = {name for name in seen.beats if name in silent or self._ended(seen, name)}
        for running in seen.running:
            if running.worker in dead:
                self._return(running.queue, running.entry, running.worker)
        for orphan in self._orphans.look(now_s, _orphans(seen)):
            queue, _, job_id = orphan.partition("/")
            self._return(queue, job_id, "")
        for name in dead:
            self._sign_off(name)
        if now_s >= self._tidy_due_s:
            self._tidy_due_s = now_s + TIDY_S
            _tidy(self._redis)

    def _ended(self, seen: Seen, name: str) -> bool:
        if name in seen.signed_off:
            return True
        return self._tree in name and name in seen.pids and not _is_sibling(seen.pids[name])

    def _return(self, queue: str, entry: str, worker: str) -> None:
        try:
            _return(self._redis, queue, entry, worker)
        except RedisError:
            raise
        # A job that cannot even be read must not keep the others from being given back.
        except Exception:
            log.exception("job_not_given_back", entry=entry, queue=queue)

    def _sign_off(self, name: str) -> None:
        log.warning("worker_dead", worker=name)
        key = _WORKER_PREFIX + name
        dead = SettlingWorker.find_by_key(key, self._redis, serializer=JSONSerializer)
        if dead:
            dead.register_death()  # type: ignore[no-untyped-call]


def run_janitor(settings: Settings, tree: str, _generation: int) -> None:
    """Look every second, for ever."""
    repeat(Janitor(impatient_redis(settings), tree).look, LOOK_S)


def _read(redis: Redis) -> Seen:
    queues = [policy.name for policy in QUEUES]
    with redis.pipeline(transaction=False) as pipeline:
        pipeline.smembers(BaseWorker.redis_workers_keys)
        for queue in queues:
            pipeline.zrange(names.running_key(queue), 0, -1)
            pipeline.lrange(names.intermediate_key(queue), 0, -1)
        keys, *lists = pipeline.execute()
    running = _running(redis, dict(zip(queues, lists[::2], strict=True)))
    registered = {as_text(key).removeprefix(_WORKER_PREFIX) for key in keys}
    workers = sorted(registered | {one.worker for one in running})
    with redis.pipeline(transaction=False) as pipeline:
        for name in workers:
            pipeline.hmget(_WORKER_PREFIX + name, "last_heartbeat", "pid", "death")
        known = dict(zip(workers, pipeline.execute(), strict=True)) if workers else {}
    return Seen(
        beats={name: as_text(beat or b"") for name, (beat, _, _) in known.items()},
        pids={name: int(pid) for name, (_, pid, _) in known.items() if pid},
        signed_off={name for name, (_, _, death) in known.items() if death},
        running=running,
        on_the_way={
            queue: {as_text(job_id) for job_id in ids}
            for queue, ids in zip(queues, lists[1::2], strict=True)
        },
    )


def _running(redis: Redis, entries: dict[str, list[bytes]]) -> list[Running]:
    found = [(queue, as_text(entry)) for queue, some in entries.items() for entry in some]
    with redis.pipeline(transaction=False) as pipeline:
        for _, entry in found:
            pipeline.hget(f"rq:execution:{entry}", "worker_name")
        workers = pipeline.execute() if found else []
    return [
        Running(queue, entry, as_text(worker or b""))
        for (queue, entry), worker in zip(found, workers, strict=True)
    ]


def _orphans(seen: Seen) -> dict[str, str]:
    held = {(one.queue, one.entry.partition(":")[0]) for one in seen.running}
    return {
        f"{queue}/{job_id}": job_id
        for queue, job_ids in seen.on_the_way.items()
        for job_id in job_ids
        if (queue, job_id) not in held
    }


def _return(redis: Redis, queue_name: str, entry: str, worker: str) -> None:
    """Send a job back; `entry` is "job:execution", or the job alone when nothing was begun."""
    job_id = entry.partition(":")[0]
    execution = None
    if ":" in entry:
        execution = Execution.from_composite_key(entry, redis)
        execution.worker_name = worker
    queue = Queue(queue_name, connection=redis, serializer=JSONSerializer)
    job = queue.fetch_job(job_id)
    if job is None:
        give_back(redis, queue_name, job_id, execution)
        return
    owner = SettlingWorker(
        [queue_name],
        worker or "janitor",
        connection=redis,
        serializer=JSONSerializer,
        prepare_for_work=False,
    )
    owner.handle_job_failure(job, queue, exc_string="The worker died.", execution=execution)


def _is_sibling(pid: int) -> bool:
    """Whether the process lives and has the janitor's own parent: the supervisor of both."""
    try:
        state, parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z" and int(parent) == os.getppid()


def _tidy(redis: Redis) -> None:
    for policy in QUEUES:
        queue = Queue(policy.name, connection=redis, serializer=JSONSerializer)
        for registry in (FinishedJobRegistry, FailedJobRegistry):
            registry(queue=queue).cleanup()
        clean_worker_registry(queue)
