"""How long the job that is next in a queue has waited, by what the queue itself has written down.

RQ keeps the time in the job's hash. Laravel writes it into the payload, in newer versions and with
Horizon; where it does not, nobody is told.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

LARAVEL_TIMES = ("pushedAt", "createdAt")

Ask = Callable[..., bytes | None]
"""Asks Redis for one value: a command, a key (without prefix), further words."""


def oldest_seconds(kind: str, names: tuple[str, ...], ask: Ask) -> float | None:
    """The longest that the next job of any queue has waited, None where none says."""
    since = _rq if kind == "rq" else _laravel
    times = [time for name in names if (time := since(name, ask)) is not None]
    if not times:
        return None
    return max(0.0, round((datetime.now(UTC) - min(times)).total_seconds(), 3))


def _rq(name: str, ask: Ask) -> datetime | None:
    job = ask("LINDEX", f"rq:queue:{name}", "0")
    told = ask("HGET", f"rq:job:{job.decode(errors='replace')}", "enqueued_at") if job else None
    # What is no time was written by somebody else.
    with suppress(ValueError):
        if told:
            time = datetime.fromisoformat(told.decode(errors="replace"))
            return time if time.tzinfo else time.replace(tzinfo=UTC)
    return None


def _laravel(name: str, ask: Ask) -> datetime | None:
    payload = ask("LINDEX", f"queues:{name}", "0")
    with suppress(ValueError, TypeError, AttributeError, OverflowError):
        job = json.loads(payload or b"{}")
        told = next((job[key] for key in LARAVEL_TIMES if key in job), None)
        if told is not None:
            return datetime.fromtimestamp(float(told), UTC)
    return None
