"""A deadline for code that somebody else wrote."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class DeadlinePassed(BaseException):
    """The time is over. A BaseException, so that no scenario's `except Exception` swallows it."""


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Raise DeadlinePassed in the block when it takes longer.

    Uses the interval timer, which interrupts blocking calls too; main thread only.
    """

    def ring(_signal: int, _frame: FrameType | None) -> None:
        raise DeadlinePassed(f"it took longer than {seconds:g} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
