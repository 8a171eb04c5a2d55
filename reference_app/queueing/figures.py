"""What the queues look like right now, for the balancer, the alarm, the metrics and the tools."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from redis import Redis
from rq.utils import as_text, utcparse

from reference_app.queueing import names
from reference_app.queueing.policies import QUEUES, WEBHOOKS
from reference_app.settings import Settings

WORKER_SILENCE_S = 15.0
"""A worker beats every moment, idle, busy or paused; after this long without a beat it is gone."""

QUEUE_NAMES = tuple(policy.name for policy in QUEUES)
FIGURES_SCRIPT = names.script("figures")
FIGURES_KEYS = (names.ALL_PAUSED_KEY,)


@dataclass(frozen=True)
class QueueFigures:
    """One queue."""

    name: str
    waiting: int
    oldest_s: float
    """How long the first in line has been waiting."""
    running: int
    scheduled: int
    failed: int
    paused: bool
    done_total: int
    failed_tries_total: int
    wait_s_total: float
    runtime_s_total: float
    workers: int


def read_figures(redis: Redis) -> list[QueueFigures]:
    """Ask for all queues at once."""
    reply = redis.register_script(FIGURES_SCRIPT)(keys=FIGURES_KEYS, args=QUEUE_NAMES)
    return parse_figures(reply, datetime.now(UTC))


def parse_figures(reply: Sequence[Sequence[Any]], now: datetime) -> list[QueueFigures]:
    """Read the script's answer."""
    return [_parse_queue(*one, now) for one in zip(QUEUE_NAMES, reply, strict=True)]


def long_wait_s(settings: Settings, queue: str) -> int:
    """How long a job of the queue may wait before somebody must hear of it."""
    if queue == WEBHOOKS.name:
        return settings.long_wait_webhooks_s
    return settings.long_wait_other_s


def _parse_queue(name: str, reply: Sequence[Any], now: datetime) -> QueueFigures:
    waiting, mark, running, scheduled, failed, paused, stats, beats = reply
    totals = _totals(stats)
    ages = [_age_s(beat, now) for beat in beats]
    return QueueFigures(
        name=name,
        waiting=int(waiting),
        oldest_s=_age_s(mark, now) or 0.0,
        running=int(running),
        scheduled=int(scheduled),
        failed=int(failed),
        paused=bool(paused),
        done_total=totals.get("done", 0),
        failed_tries_total=totals.get("failed", 0),
        wait_s_total=totals.get("wait_ms", 0) / 1000,
        runtime_s_total=totals.get("runtime_ms", 0) / 1000,
        workers=sum(1 for age in ages if age is not None and age < WORKER_SILENCE_S),
    )


def _totals(stats: Sequence[bytes]) -> Mapping[str, int]:
    pairs = zip(stats[::2], stats[1::2], strict=True)
    return {as_text(field): int(value) for field, value in pairs}


def _age_s(mark: bytes, now: datetime) -> float | None:
    if not mark:
        return None
    try:
        return max(0.0, (now - utcparse(as_text(mark))).total_seconds())
    except ValueError:
        return None
