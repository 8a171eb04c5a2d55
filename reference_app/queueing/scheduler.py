"""Puts retries into their queues when they are due.

RQ's own scheduler is one process under a lock of a minute. Here the move is one atomic step, so
every node does it, none has to be the one, and nobody's death delays a retry.
"""

from redis import Redis
from rq.utils import now, utcformat

from reference_app.queueing import names
from reference_app.queueing.connections import impatient_redis
from reference_app.queueing.loop import repeat
from reference_app.queueing.policies import QUEUES
from reference_app.settings import Settings

LOOK_S = 0.5
MOST_AT_ONCE = 500

_SCRIPT = names.script("promote")


def promote(redis: Redis) -> int:
    """Move what is due, of all queues; gives how many."""
    moved = 0
    for policy in QUEUES:
        keys = [names.scheduled_key(policy.name), names.list_key(policy.name), names.QUEUES_KEY]
        arguments: list[str | int] = [utcformat(now()), MOST_AT_ONCE, names.JOB_PREFIX]
        moved += int(redis.register_script(_SCRIPT)(keys=keys, args=arguments))
    return moved


def run_scheduler(settings: Settings, _generation: int) -> None:
    """Look twice a second, for ever."""
    redis = impatient_redis(settings)
    repeat(lambda: promote(redis), LOOK_S)
