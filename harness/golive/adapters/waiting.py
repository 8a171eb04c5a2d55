"""Asks until an answer satisfies."""

from collections.abc import Callable
from typing import TypeVar

from tenacity import Retrying, retry_if_result, stop_after_delay, wait_exponential

T = TypeVar("T")

FIRST_WAIT_SECONDS = 0.02
LONGEST_WAIT_SECONDS = 0.25


def until(ask: Callable[[], T], satisfied: Callable[[T], bool], *, within_seconds: float) -> T:
    """Ask until the answer satisfies or the time is over; return the last answer."""
    patience = Retrying(
        stop=stop_after_delay(within_seconds),
        wait=wait_exponential(multiplier=FIRST_WAIT_SECONDS, max=LONGEST_WAIT_SECONDS),
        retry=retry_if_result(lambda answer: not satisfied(answer)),
        retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
    )
    return patience(ask)
