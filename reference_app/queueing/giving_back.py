"""Gives the job of a dead process back to its queue, in one atomic step."""

from enum import Enum

from redis import Redis
from rq.executions import WORKER_EXECUTIONS_KEY_TEMPLATE, Execution, ExecutionRegistry
from rq.job import Job
from rq.utils import now, utcformat

from reference_app.queueing import names

LOSSES_FREE_OF_CHARGE = 3
"""So often a job may be lost between queue and start before it is taken to be the cause."""

_SCRIPT = names.script("give_back")


class GivenBack(Enum):
    """What became of it."""

    NOTHING_TO_DO = 0
    YES = 1
    OUT_OF_TRIES = 2


def give_back(connection: Redis, queue: str, job_id: str, execution: Execution | None) -> GivenBack:
    """Give a job back without a wait; it costs a try, so that no job kills workers for ever."""
    entry = execution.composite_key if execution else ""
    worker = execution.worker_name if execution else ""
    execution_id = execution.id if execution else ""
    keys = [
        names.list_key(queue),
        names.intermediate_key(queue),
        names.running_key(queue),
        names.scheduled_key(queue),
        Job.key_for(job_id),
        execution.key if execution else f"rq:execution:{job_id}:",
        ExecutionRegistry.key_template.format(job_id),
        WORKER_EXECUTIONS_KEY_TEMPLATE.format(worker),
        names.stats_key(queue),
    ]
    arguments = [job_id, entry, execution_id, utcformat(now()), LOSSES_FREE_OF_CHARGE]
    return GivenBack(connection.register_script(_SCRIPT)(keys=keys, args=arguments))
