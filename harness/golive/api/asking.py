"""What drills and loads ask of a target that was shaken a moment ago and may be away."""

from collections.abc import Callable, Sequence
from contextlib import suppress

from golive.errors import UnobservableError, UnreachableError
from golive.model.history.records import Effect
from golive.model.ports import Gate

ASKED_AT_ONCE = 1_000


def patiently(ask: Callable[[], bool]) -> Callable[[], bool]:
    """False where nobody answers."""

    def answer() -> bool:
        with suppress(UnreachableError, UnobservableError):
            return ask()
        return False

    return answer


def no_job_is_left(gate: Gate) -> bool:
    """Whether nothing waits, runs or is to be tried again, in any queue."""
    return not any(one.waiting + one.running + one.scheduled for one in gate.queue.depths())


def logged_effects(gate: Gate, unique_ids: Sequence[str], now_seconds: float) -> list[Effect]:
    """The effects that `effect_log` tells of, with times on the clock that says `now_seconds`."""
    found: list[Effect] = []
    for first in range(0, len(unique_ids), ASKED_AT_ONCE):
        found += [
            Effect(one.unique_id, round(now_seconds - one.seconds_ago, 4), one.state)
            for one in gate.sql.effect_log(unique_ids[first : first + ASKED_AT_ONCE])
        ]
    return found
