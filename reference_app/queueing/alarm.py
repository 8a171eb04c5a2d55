"""Says aloud, once per episode over all nodes, that a queue's jobs wait for too long."""

import structlog
from redis import Redis

from reference_app.queueing.figures import long_wait_s, read_figures
from reference_app.settings import Settings

EPISODE_TTL_S = 3600
"""An episode that lasts longer is said again."""

log = structlog.get_logger("queues")


def check_waits(redis: Redis, settings: Settings) -> list[str]:
    """Look once; gives the queues that were complained of just now."""
    complained = []
    for one in read_figures(redis):
        key = f"tether:long-wait:{one.name}"
        limit_s = long_wait_s(settings, one.name)
        if one.oldest_s <= limit_s:
            if redis.delete(key):
                log.info("long_wait_over", queue=one.name)
        elif redis.set(key, settings.node_name, nx=True, ex=EPISODE_TTL_S):
            log.error(
                "long_wait",
                queue=one.name,
                oldest_s=round(one.oldest_s),
                limit_s=limit_s,
                waiting=one.waiting,
                workers=one.workers,
                paused=one.paused,
            )
            complained.append(one.name)
    return complained
