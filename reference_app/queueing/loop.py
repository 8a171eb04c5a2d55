"""The loop of a child that does a little every moment, through any outage of Redis."""

import time
from collections.abc import Callable

import structlog
from redis.exceptions import RedisError

log = structlog.get_logger("loop")


class Outage:
    """One line in the log when Redis goes, one when it is back."""

    def __init__(self) -> None:
        self._since: float | None = None

    def went(self, error: Exception) -> None:
        """Note that Redis did not answer."""
        if self._since is None:
            self._since = time.monotonic()
            log.warning("redis_away", error=type(error).__name__)

    def answered(self) -> None:
        """Note that it did."""
        if self._since is not None:
            log.info("redis_back", after_s=round(time.monotonic() - self._since, 1))
            self._since = None


def repeat(step: Callable[[], object], every_s: float) -> None:
    """Take the step for ever. It may be killed anywhere in it, and so needs no farewell."""
    outage = Outage()
    while True:
        try:
            step()
            outage.answered()
        except (RedisError, OSError) as error:
            outage.went(error)
        time.sleep(every_s)
