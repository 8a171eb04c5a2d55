"""Keys of the queue Redis, ours and RQ's, in one place. RQ's are held by tests against RQ."""

from pathlib import Path

from rq import Queue
from rq.intermediate_queue import IntermediateQueue
from rq.job import Job
from rq.suspension import WORKERS_SUSPENDED

QUEUES_KEY: str = Queue.redis_queues_keys
ALL_PAUSED_KEY: str = WORKERS_SUSPENDED
JOB_PREFIX: str = Job.redis_job_namespace_prefix
TERMINATE_KEY = "tether:terminate"


def script(name: str) -> str:
    """The text of one of this package's scripts."""
    return (Path(__file__).parent / f"{name}.lua").read_text()


def list_key(queue: str) -> str:
    """The jobs that wait."""
    return f"{Queue.redis_queue_namespace_prefix}{queue}"


def intermediate_key(queue: str) -> str:
    """The jobs on their way from the queue to their start."""
    return IntermediateQueue.get_intermediate_queue_key(list_key(queue))


def running_key(queue: str) -> str:
    """The jobs that run, as "job:execution"."""
    return f"rq:wip:{queue}"


def scheduled_key(queue: str) -> str:
    """The jobs that wait for their retry, by time."""
    return f"rq:scheduled:{queue}"


def failed_key(queue: str) -> str:
    """The jobs that failed for good."""
    return f"rq:failed:{queue}"


def paused_key(queue: str) -> str:
    """Exists while this one queue is paused."""
    return f"tether:paused:{queue}"


def stats_key(queue: str) -> str:
    """Running totals: done, failed, wait_ms, runtime_ms."""
    return f"tether:stats:{queue}"
