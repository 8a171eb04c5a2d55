"""The child for what is due by the clock: periodic jobs and the long-wait alarm."""

from collections.abc import Sequence
from functools import partial

from redis import Redis

from reference_app.queueing.alarm import check_waits
from reference_app.queueing.connections import impatient_redis
from reference_app.queueing.loop import repeat
from reference_app.queueing.periodic import Periodic, PeriodicJobs
from reference_app.settings import Settings

LOOK_S = 1.0


def run_clock(settings: Settings, jobs: Sequence[Periodic], _generation: int) -> None:
    """Look every second, for ever."""
    redis = impatient_redis(settings)
    repeat(partial(_look, settings, PeriodicJobs(redis, jobs), redis), LOOK_S)


def _look(settings: Settings, periodic: PeriodicJobs, redis: Redis) -> None:
    periodic.enqueue_due()
    check_waits(redis, settings)
