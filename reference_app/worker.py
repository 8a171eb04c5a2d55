"""The workers of one node: `python -m reference_app.worker`.

One supervisor keeps the workers of all groups, and beside them four small helpers: the scheduler
(retries come due), the janitor (jobs of the dead), the balancer (who gets how many workers) and
the clock (periodic jobs, long waits).
"""

import gc
import sys
from functools import partial
from uuid import uuid4

import structlog
from redis.exceptions import RedisError
from rq.serializers import JSONSerializer

from reference_app import job_modules
from reference_app.commands import refusals
from reference_app.logs import configure_logging
from reference_app.queueing.balance import Sizes
from reference_app.queueing.balancer import OrderLine, run_balancer
from reference_app.queueing.clock import run_clock
from reference_app.queueing.connections import WORKER_TTL_S, impatient_redis, queue_redis
from reference_app.queueing.groups import WorkerGroup, groups_of
from reference_app.queueing.janitor import run_janitor
from reference_app.queueing.policies import QueuePolicy
from reference_app.queueing.scheduler import run_scheduler
from reference_app.queueing.supervisor import Child, Supervisor
from reference_app.queueing.workers import Beat, BeatingWorker, ForkingWorker, InProcessWorker
from reference_app.settings import Settings, load_settings

JOB_MONITORING_INTERVAL_S = 5
JOBS_PER_PROCESS = 50_000
"""Then a worker makes room for a fresh one, whatever may have piled up in its memory."""

log = structlog.get_logger("worker")


class WorkerPlace:
    """One worker after another on one queue."""

    def __init__(self, settings: Settings, policy: QueuePolicy, tree: str, number: int) -> None:
        self._settings = settings
        self._policy = policy
        self._name = f"{settings.node_name}-{policy.name}-{tree}-{number}"

    def work(self, generation: int) -> None:
        """Be the next worker, until told to stop."""
        try:
            worker = build_worker(self._settings, self._policy, f"{self._name}-{generation}")
            log.info("listening", queue=self._policy.name, worker=worker.name)
            # Levels are ours to set, see logs.
            worker.work(logging_level=None, max_jobs=JOBS_PER_PROCESS)
        except (RedisError, OSError) as error:
            # One line, and the supervisor tries again in a moment.
            log.warning("redis_away", error=type(error).__name__)


def build_worker(settings: Settings, policy: QueuePolicy, name: str) -> BeatingWorker:
    """A worker of the queue's sort, ready to work."""
    kind = ForkingWorker if policy.forked else InProcessWorker
    worker: BeatingWorker = kind(
        [policy.name],
        name=name,
        connection=queue_redis(settings),
        serializer=JSONSerializer,
        worker_ttl=WORKER_TTL_S,
        job_monitoring_interval=JOB_MONITORING_INTERVAL_S,
        log_job_description=False,
    )
    worker.log_result_lifespan = False
    worker.beat = Beat(worker, impatient_redis(settings))
    return worker


def build_supervisor(settings: Settings) -> Supervisor:
    """The processes of one node."""
    # Marks the workers of this supervisor, whose deaths its janitor sees at once.
    tree = uuid4().hex[:8]
    groups = groups_of(settings)
    workers = [child for group in groups for child in _places(settings, group, tree)]
    line = OrderLine.open()
    helpers = [
        Child("scheduler", partial(run_scheduler, settings)),
        Child("janitor", partial(run_janitor, settings, tree)),
        Child("balancer", partial(run_balancer, settings, groups, partial(_sizes, workers), line)),
        Child("clock", partial(run_clock, settings, job_modules.periodic(settings))),
    ]
    limits = {group.name: group.most for group in groups}
    return Supervisor([*workers, *helpers], limits, line.receive)


def _places(settings: Settings, group: WorkerGroup, tree: str) -> list[Child]:
    first = group.start - (len(group.queues) - 1)
    return [
        Child(
            f"{policy.name}-{number}",
            WorkerPlace(settings, policy, tree, number).work,
            kind=policy.name,
            group=group.name,
            wanted=number <= (first if policy is group.queues[0] else 1),
        )
        for policy in group.queues
        # Each other queue of the group keeps one.
        for number in range(1, group.most - len(group.queues) + 2)
    ]


def _sizes(workers: list[Child]) -> Sizes:
    sizes: dict[str, int] = {}
    for child in workers:
        sizes[child.kind] = sizes.get(child.kind, 0) + child.wanted
    return sizes


def main() -> int:
    """Run the workers of one node."""
    with refusals():
        settings = load_settings()
    configure_logging(settings, "worker")
    # What is loaded now is shared by all children; the collector must not touch, and copy, it.
    gc.freeze()
    return build_supervisor(settings).run()


if __name__ == "__main__":
    sys.exit(main())
