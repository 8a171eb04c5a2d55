"""The workers of one node: `python -m reference_app.worker`.

Each worker serves one queue. RQ takes a job from a single queue without ever holding it only in
memory; from several queues it would, and a kill at that moment would lose the job.
"""

import gc
import sys
from functools import partial
from uuid import uuid4

import structlog
from redis import Redis
from rq import Queue, SimpleWorker, Worker
from rq.callbacks import execute_failure_callback
from rq.exceptions import AbandonedJobError
from rq.executions import Execution
from rq.job import Job, JobStatus
from rq.registry import StartedJobRegistry
from rq.scheduler import RQScheduler
from rq.serializers import JSONSerializer
from rq.worker import BaseWorker

import reference_app.uploads.job  # imported before forking, so that a worker starts warm
import reference_app.webhooks.job  # noqa: F401
from reference_app.logs import configure_logging
from reference_app.queueing.policies import DEFAULT, WEBHOOKS
from reference_app.queueing.supervisor import Child, Supervisor
from reference_app.settings import Settings, SettingsError, load_settings

MAINTENANCE_INTERVAL_S = 5
WORKER_TTL_S = 20
"""Fifteen more than an idle worker waits for a job between two beats."""
JOB_MONITORING_INTERVAL_S = 5
WEBHOOK_HEARTBEAT_S = 45
"""Longer than a notification can take with its bounded queries; then its job is taken for lost."""
UPLOAD_HEARTBEAT_S = 3 * JOB_MONITORING_INTERVAL_S

log = structlog.get_logger("worker")


class SettlingWorker(BaseWorker):
    """Calls a job's failure callback for the killed too; RQ does so only where it runs the job."""

    _performs = False

    def perform_job(self, job: Job, queue: Queue, execution: Execution) -> bool:
        """Run the job, in the process that does it: RQ calls the callback itself meanwhile."""
        self._performs = True
        try:
            return super().perform_job(job, queue, execution)
        finally:
            self._performs = False

    def handle_job_failure(
        self,
        job: Job,
        queue: Queue,
        started_job_registry: StartedJobRegistry | None = None,
        exc_string: str = "",
        execution: Execution | None = None,
    ) -> None:
        """Give the job to its retries or to the failed ones, known to its `failed`."""
        if not self._performs:
            died = AbandonedJobError()
            try:
                execute_failure_callback(job, self.death_penalty_class, type(died), died, None)
            # Whatever it is must not keep the job from its retries.
            except Exception:
                log.exception("failure_not_recorded", job_id=job.id)
        super().handle_job_failure(job, queue, started_job_registry, exc_string, execution)


class WebhookWorker(SettlingWorker, SimpleWorker):
    """Runs short jobs in its own process, on a kept connection: a fork costs more than they do."""

    max_connection_wait_time = 2.0

    def get_heartbeat_ttl(self, *_job: object, **_working_time: object) -> int:
        """How long the job may be silent before another worker takes it for lost."""
        return WEBHOOK_HEARTBEAT_S


class UploadWorker(SettlingWorker, Worker):
    """Runs each long job in a child, so that a memory-hungry file cannot take the worker along."""

    max_connection_wait_time = 2.0

    def get_heartbeat_ttl(self, *_job: object, **_working_time: object) -> int:
        """How long the job may be silent before another worker takes it for lost."""
        return UPLOAD_HEARTBEAT_S


class SupervisedScheduler(RQScheduler):
    """Enqueues retries when they are due.

    Run as a child of the supervisor instead of inside a worker, because RQ's own would stay dead
    after a short outage of Redis and every retry with it.
    """

    @property
    def should_reacquire_locks(self) -> bool:
        """Try again every second while another node's scheduler holds the lock."""
        return bool(self._queue_names != self.acquired_locks)


class WorkerPlace:
    """One worker after another on one queue; each first gives back what its predecessors held."""

    def __init__(self, settings: Settings, queue: str, kind: type[BaseWorker]) -> None:
        self._settings = settings
        self._queue = queue
        self._kind = kind
        self._prefix = f"{settings.node_name}-{queue}-{uuid4().hex[:8]}-"

    def work(self, generation: int) -> None:
        """Be the next worker, until told to stop."""
        connection = queue_redis(self._settings)
        give_back_jobs(self._prefix, connection)
        worker = self._kind(
            [self._queue],
            name=f"{self._prefix}{generation}",
            connection=connection,
            serializer=JSONSerializer,
            maintenance_interval=MAINTENANCE_INTERVAL_S,
            worker_ttl=WORKER_TTL_S,
            job_monitoring_interval=JOB_MONITORING_INTERVAL_S,
            log_job_description=False,
        )
        worker.log_result_lifespan = False
        log.info("listening", queue=self._queue, worker=worker.name)
        # Levels are ours to set, see logs.
        worker.work(logging_level=None)


def give_back_jobs(dead_prefix: str, connection: Redis) -> None:
    """Send dead workers' running jobs to their retries now, not when their heartbeat runs out."""
    start = BaseWorker.redis_worker_namespace_prefix + dead_prefix
    for key in BaseWorker.all_keys(connection=connection):
        dead = key.startswith(start) and SettlingWorker.find_by_key(
            key, connection=connection, serializer=JSONSerializer
        )
        if dead:
            _give_back(dead, connection)


def _give_back(dead: BaseWorker, connection: Redis) -> None:
    for execution in dead.get_current_executions():
        job = Job.fetch(execution.job_id, connection=connection, serializer=JSONSerializer)
        if job.get_status() == JobStatus.STARTED:
            log.warning("job_given_back", job_id=job.id, worker=dead.name)
            queue = Queue(job.origin, connection=connection, serializer=JSONSerializer)
            dead.handle_job_failure(job, queue, exc_string="The worker died.", execution=execution)
    dead.register_death()  # type: ignore[no-untyped-call]


def run_scheduler(settings: Settings, _generation: int) -> None:
    """Enqueue what is due, for all queues."""
    # Named after the node: a restarted scheduler takes its own lock back at once, where a new
    # name would wait a minute for the old lock to expire.
    SupervisedScheduler(  # type: ignore[no-untyped-call]
        [WEBHOOKS.name, DEFAULT.name],
        connection=queue_redis(settings),
        serializer=JSONSerializer,
        logging_level="WARNING",
        name=f"{settings.node_name}-scheduler",
    ).work()


def queue_redis(settings: Settings) -> Redis:
    """A connection to the queue Redis, as RQ needs it."""
    return Redis(
        host=settings.redis_host,
        port=settings.redis_port,
        db=settings.redis_db,
        password=settings.redis_password.get_secret_value() or None,
        socket_connect_timeout=2,
        socket_timeout=WORKER_TTL_S,
    )


def build_children(settings: Settings) -> list[Child]:
    """The processes of one node."""
    kinds: list[tuple[str, int, type[BaseWorker]]] = [
        (WEBHOOKS.name, settings.workers_webhooks, WebhookWorker),
        (DEFAULT.name, settings.workers_default, UploadWorker),
    ]
    workers = [
        Child(f"{queue}-{number}", WorkerPlace(settings, queue, kind).work)
        for queue, count, kind in kinds
        for number in range(1, count + 1)
    ]
    return [*workers, Child("scheduler", partial(run_scheduler, settings))]


def main() -> int:
    """Run the workers of one node."""
    try:
        settings = load_settings()
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    configure_logging(settings, "worker")
    # What is loaded now is shared by all children; the collector must not touch, and copy, it.
    gc.freeze()
    return Supervisor(build_children(settings)).run()


if __name__ == "__main__":
    sys.exit(main())
