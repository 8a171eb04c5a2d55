"""RQ's workers, made to notice a pause at once, to be known dead soon, and to count what they do.

Each serves one queue. RQ takes a job from a single queue without ever holding it only in memory;
from several queues it would, and a kill at that moment would lose the job.
"""

import signal
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta

import structlog
from redis import Redis
from redis.client import Pipeline
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker, Worker
from rq.callbacks import execute_failure_callback
from rq.exceptions import AbandonedJobError, DequeueTimeout, NoSuchJobError
from rq.executions import Execution
from rq.job import Job, JobStatus
from rq.registry import StartedJobRegistry
from rq.results import Result
from rq.serializers import Serializer
from rq.timeouts import BaseDeathPenalty
from rq.utils import as_text, now, utcformat
from rq.worker import BaseWorker, WorkerStatus
from rq.worker_registration import register

from reference_app.queueing import names
from reference_app.queueing.giving_back import GivenBack, give_back

BEAT_S = 1.5
BEAT_TTL_S = 60
PAUSE_LOOK_S = 0.25
EXECUTION_TTL_S = 24 * 3600
"""When RQ itself would take a running job for lost. The janitor knows within seconds, and must
not find its evidence cleaned away by a dashboard that looks after an outage."""

_TAKE = names.script("take")
_PAUSED = 0
_STOP_SIGNALS = {signal.SIGTERM, signal.SIGINT}

log = structlog.get_logger("worker")


class PausableQueue(Queue):
    """A queue that gives out nothing while it is paused."""

    @classmethod
    def dequeue_any(
        cls,
        queues: Iterable[Queue],
        timeout: int | None,
        connection: Redis,
        job_class: type[Job] | None = None,
        serializer: Serializer | str | None = None,
        death_penalty_class: type[BaseDeathPenalty] | None = None,
    ) -> tuple[Job, Queue] | None:
        """Take the next job with all that is known of it in one step; wait where there is none."""
        (queue,) = queues
        keys = [queue.key, names.intermediate_key(queue.name), *_pauses(queue.name)]
        taken = connection.register_script(_TAKE)(keys=keys, args=[names.JOB_PREFIX])
        if taken == _PAUSED:
            time.sleep(PAUSE_LOOK_S)
            raise DequeueTimeout(timeout, queue.key)
        if taken:
            job_id, flat = taken
            job = (job_class or Job)(as_text(job_id), connection=connection, serializer=serializer)
            with suppress(NoSuchJobError):
                job.restore(dict(zip(flat[::2], flat[1::2], strict=True)))
                return job, queue
        return super().dequeue_any(
            [queue], timeout, connection, job_class, serializer, death_penalty_class
        )

    @classmethod
    def lmove(
        cls, connection: Redis, queue_key: str, timeout: int | None
    ) -> tuple[str, bytes] | None:
        """Wait for the next job; what came in the moment of a pause goes back."""
        queue = queue_key.removeprefix(cls.redis_queue_namespace_prefix)
        found: tuple[str, bytes] | None = super().lmove(connection, queue_key, timeout)
        if found and connection.exists(*_pauses(queue)):
            with connection.pipeline() as pipeline:
                pipeline.lrem(names.intermediate_key(queue), 1, as_text(found[1]))
                pipeline.lpush(queue_key, found[1])
                pipeline.execute()
            raise DequeueTimeout(timeout, queue_key)
        return found


def _pauses(queue: str) -> tuple[str, str]:
    return names.ALL_PAUSED_KEY, names.paused_key(queue)


class Beat(threading.Thread):
    """Tells Redis every moment that its worker lives, whatever the worker is doing."""

    def __init__(self, worker: BaseWorker, connection: Redis) -> None:
        super().__init__(name="beat", daemon=True)
        self._worker = worker
        # Not the worker's own: a fork must find no lock of that one taken.
        self._connection = connection
        self._leave = threading.Event()

    def run(self) -> None:
        """Beat until told to stop; a beat that fails is one beat less."""
        while not self._leave.wait(BEAT_S):
            try:
                self.beat()
            except (RedisError, OSError):
                continue

    def beat(self) -> None:
        """Say all about the worker, since the janitor may have taken it for dead meanwhile."""
        worker = self._worker
        worker.last_heartbeat = now()
        known = {**worker.serialize(), "state": worker.get_state()}
        with self._connection.pipeline() as pipeline:
            pipeline.hset(worker.key, mapping=known)
            pipeline.hdel(worker.key, "death")
            pipeline.expire(worker.key, BEAT_TTL_S)
            pipeline.expire(worker.executions_key, EXECUTION_TTL_S)
            register(worker, pipeline)
            pipeline.execute()

    def stop(self) -> None:
        """Stop, and wait for the last beat."""
        self._leave.set()
        if self.is_alive():
            self.join(timeout=BEAT_S)


class SettlingWorker(BaseWorker):
    """Calls a job's failure callback for the killed too; RQ does so only where it runs the job."""

    queue_class = PausableQueue
    max_connection_wait_time = 1.0
    _performs = False
    _waited: timedelta = timedelta()

    def perform_job(self, job: Job, queue: Queue, execution: Execution) -> bool:
        """Run the job, in the process that does it: RQ calls the callback itself meanwhile."""
        self._performs = True
        self._waited = now() - job.enqueued_at if job.enqueued_at else timedelta()
        try:
            return super().perform_job(job, queue, execution)
        finally:
            self._performs = False

    def handle_execution_ended(self, job: Job, queue: Queue, heartbeat_ttl: int) -> None:  # noqa: ARG002
        """Only note when: the beat of a job that is about to be acknowledged helps nobody."""
        job.ended_at = now()

    def handle_job_success(
        self,
        job: Job,
        queue: Queue,  # noqa: ARG002  as RQ calls it
        started_job_registry: StartedJobRegistry,  # noqa: ARG002
        execution: Execution,
    ) -> None:
        """Acknowledge the job, in one step. RQ would also look for jobs that wait for this one,
        and keep what it returned: here none waits for another, and effects are in Postgres.
        """
        began, ended = job.started_at or now(), job.ended_at or now()
        ttl = job.get_result_ttl(self.default_result_ttl)
        results = Result.get_key(job.id)  # type: ignore[no-untyped-call]
        with self.connection.pipeline() as pipeline:
            self.increment_successful_job_count(pipeline)
            self.increment_total_working_time(ended - began, pipeline)
            job.set_status(JobStatus.FINISHED, pipeline)
            pipeline.hset(job.key, "ended_at", utcformat(ended))
            pipeline.expire(job.key, ttl)
            # Of tries that failed before.
            pipeline.expire(results, ttl)
            job.finished_job_registry.add(job, ttl, pipeline)
            self.cleanup_execution(job, pipeline, execution)
            pipeline.execute()

    def handle_job_failure(
        self,
        job: Job,
        queue: Queue,
        started_job_registry: StartedJobRegistry | None = None,
        exc_string: str = "",
        execution: Execution | None = None,
    ) -> None:
        """Give the job to its retries or to the failed ones; at once when its process died."""
        if not self._performs:
            counts = job.should_retry and job.get_status() == JobStatus.STARTED
            if counts:
                self._tell(job)
            outcome = give_back(self.connection, job.origin, job.id, execution)
            log.warning("job_given_back", job_id=job.id, worker=self.name, outcome=outcome.name)
            if outcome is not GivenBack.OUT_OF_TRIES:
                return
            if not counts:
                self._tell(job)
        super().handle_job_failure(job, queue, started_job_registry, exc_string, execution)
        if not self._performs:
            self.connection.lrem(names.intermediate_key(job.origin), 1, job.id)

    def increment_successful_job_count(self, pipeline: Pipeline | None = None) -> None:
        """Count for the metrics too, in the transaction that acknowledges the job."""
        super().increment_successful_job_count(pipeline)
        (self.connection if pipeline is None else pipeline).hincrby(self._stats_key, "done", 1)

    def increment_failed_job_count(self, pipeline: Pipeline | None = None) -> None:
        """Likewise for a failed try."""
        super().increment_failed_job_count(pipeline)
        (self.connection if pipeline is None else pipeline).hincrby(self._stats_key, "failed", 1)

    def increment_total_working_time(
        self, job_execution_time: timedelta, pipeline: Pipeline
    ) -> None:
        """Likewise for how long it waited and ran."""
        super().increment_total_working_time(job_execution_time, pipeline)
        pipeline.hincrby(self._stats_key, "runtime_ms", _ms(job_execution_time))
        pipeline.hincrby(self._stats_key, "wait_ms", _ms(self._waited))

    @property
    def _stats_key(self) -> str:
        return names.stats_key(self.queue_names()[0] if self.queues else "unknown")

    def _tell(self, job: Job) -> None:
        died = AbandonedJobError()
        try:
            execute_failure_callback(job, self.death_penalty_class, type(died), died, None)
        # Whatever it is must not keep the job from its retries.
        except Exception:
            log.exception("failure_not_recorded", job_id=job.id)


class BeatingWorker(SettlingWorker):
    """Beats from a thread, and leaves to the janitor what RQ's workers clean up for each other."""

    beat: Beat

    def bootstrap(
        self, logging_level: str | None = None, date_format: str = "", log_format: str = ""
    ) -> None:
        """Register, then begin to beat."""
        # A worker told to stop before it listens to signals would die and stay registered.
        signal.pthread_sigmask(signal.SIG_BLOCK, _STOP_SIGNALS)
        super().bootstrap(logging_level, date_format, log_format)
        self.beat.start()

    def teardown(self) -> None:
        """Fall silent, then sign off: a beat after that would raise the dead."""
        self.beat.stop()
        super().teardown()  # type: ignore[no-untyped-call]

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        """Only as part of a transaction: the thread beats, and RQ's calls cost more than a job."""
        if pipeline is not None:
            super().heartbeat(timeout, pipeline)

    def set_state(self, state: str, pipeline: Pipeline | None = None) -> None:
        """Say so with the next beat when idle, at once otherwise."""
        if state == WorkerStatus.IDLE and pipeline is None:
            self._state = state
        else:
            super().set_state(state, pipeline)

    def get_heartbeat_ttl(self, *_job: object, **_working_time: object) -> int:
        """How long RQ waits before it takes a silent job for lost."""
        return EXECUTION_TTL_S

    def check_for_suspension(self, burst: bool) -> None:  # noqa: ARG002  as RQ calls it
        """The queue looks, in the step that takes the job. This is the first of RQ's steps from
        which a stop is orderly.
        """
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOP_SIGNALS)

    def run_maintenance_tasks(self) -> None:
        """Nothing here: see the janitor."""

    @property
    def should_run_maintenance_tasks(self) -> bool:
        """Never."""
        return False

    def subscribe(self) -> None:
        """Take no commands: one connection and one thread less that an outage can break."""

    def unsubscribe(self) -> None:
        """See subscribe."""


class InProcessWorker(BeatingWorker, SimpleWorker):
    """Runs jobs in its own process, on kept connections: a fork costs more than a short job, and so
    does each word with Redis. What RQ says in two steps, one for each of its processes, is one.
    """

    _begun: Pipeline

    def prepare_execution(self, job: Job) -> Execution:
        """Say nothing yet."""
        self._begun = self.connection.pipeline()
        execution = Execution.create(job, self.get_heartbeat_ttl(), self._begun, self.name)
        self.executions[execution.id] = execution
        self.set_state(WorkerStatus.BUSY, self._begun)
        return execution

    def prepare_job_execution(
        self,
        job: Job,
        remove_from_intermediate_queue: bool = False,  # noqa: ARG002  as RQ calls it
    ) -> None:
        """Say that the job runs, and where."""
        with self._begun as pipeline:
            job.prepare_for_execution(self.name, pipeline)
            pipeline.persist(job.key)
            pipeline.lrem(names.intermediate_key(job.origin), 1, job.id)
            pipeline.execute()


class ForkingWorker(BeatingWorker, Worker):
    """Runs each job in a child, so that a memory-hungry file cannot take the worker along."""


def _ms(duration: timedelta) -> int:
    return max(0, round(duration.total_seconds() * 1000))
