"""What is looked at while a load lasts: the queue each second, what the target uses now and then.

A look that fails leaves a gap; what was seen is enough to say so.
"""

import re
from contextlib import suppress
from dataclasses import dataclass, field

import psutil

from golive.errors import UnobservableError, UnreachableError
from golive.model.facts import Row
from golive.model.load.records import CONNECTIONS, CPU, REDIS, STOLEN
from golive.model.ports import Gate

MOST_LOOKS = 60
SHORTEST_SECONDS, LONGEST_SECONDS = 1.0, 5.0

METRIC = re.compile(
    rb"^process_(resident_memory_bytes|cpu_seconds_total)(?:\{[^}]*\})? ([0-9.e+]+)", re.MULTILINE
)


@dataclass
class LoadWatch:
    """Rows of what was seen, as evidence has them."""

    gate: Gate
    seconds: float
    queue: list[Row] = field(default_factory=list)
    queue_ages: list[Row] = field(default_factory=list)
    memory: list[Row] = field(default_factory=list)
    resources: list[Row] = field(default_factory=list)
    _next_queue: float = 0.0
    _next_use: float = 0.0

    def look(self, elapsed_seconds: float) -> None:
        """Look at what is due to be looked at."""
        at = round(elapsed_seconds, 2)
        if at >= self._next_queue:
            self._next_queue = int(at) + 1.0
            self._queue(at)
        if at >= self._next_use:
            apart = min(LONGEST_SECONDS, max(SHORTEST_SECONDS, self.seconds / MOST_LOOKS))
            self._next_use = at + apart
            for look in (self._host, self._process, self._redis, self._database):
                with suppress(UnreachableError, UnobservableError):
                    look(at)

    def _queue(self, at: float) -> None:
        with suppress(UnreachableError, UnobservableError):
            # The age first: of a queue that is found empty afterwards it says nothing.
            oldest = self.gate.queue.oldest_seconds()
            waiting = sum(one.waiting for one in self.gate.queue.depths())
            self.queue.append((at, waiting))
            if oldest is not None:
                self.queue_ages.append((at, oldest))

    def _host(self, at: float) -> None:
        """Of a target elsewhere nothing is known; only Linux tells."""
        stolen = getattr(psutil.cpu_times(), "steal", None)
        if stolen is not None and self.gate.target.target.environment == "local":
            self.resources.append((STOLEN, at, stolen / (psutil.cpu_count() or 1)))

    def _process(self, at: float) -> None:
        metrics = self.gate.target.observe.metrics
        if metrics is None:
            return
        seconds: list[float] = []
        nodes = metrics.nodes or {"": metrics.url}
        for node, url in nodes.items():
            with suppress(UnreachableError):
                reply = self.gate.http.request("GET", url)
                for name, value in METRIC.findall(reply.body):
                    if name == b"cpu_seconds_total":
                        seconds.append(float(value))
                    else:
                        self.memory.append((at, float(value), node))
        # A sum without one of them would look like a restart.
        if len(seconds) == len(nodes):
            self.resources.append((CPU, at, sum(seconds)))

    def _redis(self, at: float) -> None:
        self.resources.append((REDIS, at, self.gate.queue.memory_bytes()))

    def _database(self, at: float) -> None:
        self.resources.append((CONNECTIONS, at, self.gate.sql.connections()))
