"""Tells the supervisor how many workers each queue gets, and when all shall end."""

import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog
from redis import Redis

from reference_app.queueing import names
from reference_app.queueing.balance import Load, Sizes, next_sizes, smoothed
from reference_app.queueing.connections import impatient_redis
from reference_app.queueing.figures import QueueFigures, read_figures
from reference_app.queueing.groups import WorkerGroup
from reference_app.queueing.loop import repeat
from reference_app.queueing.supervisor import Orders
from reference_app.settings import Settings

LOOK_S = 1.0
COOLDOWN_S = 3.0
CALM_S = 10.0
"""How long a group that has grown keeps its workers: what made it grow may come again."""
FIRST_COST_S = 0.1
"""What a job is expected to cost a worker before one has been seen."""
_PIPE_BYTES = 64 * 1024

log = structlog.get_logger("balancer")


@dataclass
class OrderLine:
    """A pipe from the balancer to its parent. Orders are small, so each is written whole."""

    reading: int
    writing: int

    @classmethod
    def open(cls) -> "OrderLine":
        """Open one, before the children are forked."""
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        os.set_blocking(writing, False)
        return cls(reading, writing)

    def send(self, orders: Orders) -> None:
        """Send; what finds the pipe full is sent again with the next change."""
        line = json.dumps({"sizes": dict(orders.sizes), "terminate": orders.terminate})
        os.write(self.writing, f"{line}\n".encode())

    def receive(self) -> Orders | None:
        """The newest orders, None without any."""
        try:
            lines = os.read(self.reading, _PIPE_BYTES).splitlines()
        except BlockingIOError:
            return None
        if not lines:
            return None
        newest = json.loads(lines[-1])
        return Orders(newest["sizes"], newest["terminate"])


class Balancer:
    """Looks at the queues and moves one worker at a time."""

    def __init__(self, redis: Redis, groups: Sequence[WorkerGroup], sizes: Sizes) -> None:
        self._redis = redis
        self._groups = groups
        self.sizes = dict(sizes)
        self._cost_s: dict[str, float] = {}
        self._before: dict[str, QueueFigures] = {}
        self._looked_s = 0.0
        self._terminate_before = redis.get(names.TERMINATE_KEY)
        self._next_move_s = dict.fromkeys((group.name for group in groups), 0.0)
        self._calm_s = dict(self._next_move_s)

    def look(self, now_s: float) -> Orders:
        """Look once; at most one move per group in each cooldown."""
        figures = {one.name: one for one in read_figures(self._redis)}
        self._learn(figures, now_s)
        for group in self._groups:
            if now_s >= self._next_move_s[group.name]:
                self._move(group, figures, now_s)
        terminate = self._redis.get(names.TERMINATE_KEY) != self._terminate_before
        return Orders(dict(self.sizes), terminate)

    def _learn(self, figures: dict[str, QueueFigures], now_s: float) -> None:
        for name, one in figures.items():
            before = self._before.get(name, one)
            jobs = one.done_total - before.done_total
            seconds = one.runtime_s_total - before.runtime_s_total
            if before.waiting and one.waiting:
                # Nobody was idle. Taking a job and settling it cost more than many a job itself.
                seconds = max(seconds, self.sizes.get(name, 1) * (now_s - self._looked_s))
            known = self._cost_s.get(name, FIRST_COST_S)
            self._cost_s[name] = smoothed(known, jobs, seconds)
        self._before, self._looked_s = figures, now_s

    def _move(self, group: WorkerGroup, figures: dict[str, QueueFigures], now_s: float) -> None:
        loads = [
            Load(queue.name, figures[queue.name].waiting, self._cost_s[queue.name])
            for queue in group.queues
        ]
        moved = next_sizes(self.sizes, loads, group.least, group.most)
        before = {name: self.sizes.get(name, 0) for name in moved}
        growth = sum(moved.values()) - sum(before.values())
        if moved == before or (growth < 0 and now_s < self._calm_s[group.name]):
            return
        if growth > 0:
            self._calm_s[group.name] = now_s + CALM_S
        self.sizes.update(moved)
        self._next_move_s[group.name] = now_s + COOLDOWN_S
        log.info("balanced", group=group.name, sizes=moved)


def run_balancer(
    settings: Settings,
    groups: Sequence[WorkerGroup],
    sizes: Callable[[], Sizes],
    line: OrderLine,
    _generation: int,
) -> None:
    """Look every second, for ever."""
    balancer = Balancer(impatient_redis(settings), groups, sizes())
    repeat(lambda: line.send(balancer.look(time.monotonic())), LOOK_S)
