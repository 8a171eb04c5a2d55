"""The processes that make loads: one alone, or a master and its workers, here or elsewhere."""

import json
import secrets
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from queue import Empty, Queue
from tempfile import TemporaryFile
from threading import Thread
from time import monotonic
from types import TracebackType
from typing import Any, Self

from golive.adapters.load.children import ENGINE, Child, child, pipe
from golive.adapters.load.order import LOOPBACK, STOP, Order, Post, line_of
from golive.adapters.load.totals import Totals
from golive.errors import UnobservableError
from golive.model.load.records import Beat, Result

SILENCE_SECONDS = 45.0
JOIN_SECONDS = 30.0

Said = dict[str, Any]


class Crew:
    """Its processes are there while the context lasts; the first one speaks for all of them."""

    def __init__(self, *posts: Post) -> None:
        self._posts = posts
        self._lines: Queue[bytes] = Queue()
        self._children: list[Child] = []
        self._complaints = TemporaryFile()  # noqa: SIM115 - closed with the context
        self._open = ExitStack()
        self._orders = 0

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            opening.enter_context(self._complaints)
            for post in self._posts:
                process = opening.enter_context(child(ENGINE, stderr=self._complaints))
                pipe(process.stdin).write(line_of(post))
                self._children.append(process)
            Thread(target=self._read, args=(self._children[0],), daemon=True).start()
            self._open = opening.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.close()

    @property
    def is_gone(self) -> bool:
        """Whether the one that speaks has ended."""
        return self.hear(0.0) == {}

    @property
    def process_ids(self) -> tuple[int, ...]:
        """The processes here, in the order of their posts."""
        return tuple(process.pid for process in self._children)

    def gather(self, workers: int, within_seconds: float, told: Callable[[int], None]) -> int:
        """Wait for so many workers; gives how many came. `told` hears it whenever that changes."""
        end, there = monotonic() + within_seconds, 0
        while there < workers and (said := self.hear(max(0.0, end - monotonic()))):
            there = said.get("present", there)
            told(there)
        return there

    @contextmanager
    def begin(self, order: Order) -> Iterator["Generating"]:
        """Make a load; left early, nothing more of it is sent."""
        self._orders += 1
        order = replace(order, number=self._orders)
        self.say(line_of(order))
        generating = Generating(self, order)
        try:
            yield generating
        finally:
            if not generating.is_over:
                generating.stop()

    def say(self, line: bytes) -> None:
        """Say something to the first process; that it is gone is noticed by who listens."""
        with suppress(OSError):
            pipe(self._children[0].stdin).write(line)

    def hear(self, within_seconds: float | None = SILENCE_SECONDS) -> Said | None:
        """What it says next, {} where it is gone, None where it says nothing in time."""
        try:
            line = self._lines.get(timeout=within_seconds)
        except Empty:
            return None
        if not line:
            # Whoever asks again is told again.
            self._lines.put(line)
        return dict(json.loads(line)) if line else {}

    def last_words(self) -> str:
        """The last complaint of any of them."""
        self._complaints.seek(0)
        lines = self._complaints.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else "they say nothing"

    def _read(self, process: Child) -> None:
        # Its end of the pipe is closed with the process, also while we read.
        with suppress(OSError, ValueError):
            for line in pipe(process.stdout):
                self._lines.put(line)
        self._lines.put(b"")


class Generating:
    """A load under way."""

    def __init__(self, crew: Crew, order: Order) -> None:
        self.is_over = False
        self._crew = crew
        self._order = order
        self._totals = Totals(order.plan.stages)
        self._workers = 0
        self._problem = ""

    @property
    def process_ids(self) -> tuple[int, ...]:
        """The generating processes here; of several, the first is the one that tells the others."""
        return self._crew.process_ids

    def beats(self) -> Iterator[Beat]:
        """How it goes on, about once a second of each process, until all has been told."""
        while not self.is_over:
            said = self._crew.hear()
            if said is None:
                raise UnobservableError("load", "the generating process fell silent")
            if said == {}:
                self._problem = f"the generating process ended: {self._crew.last_words()}"
                return
            if said.get("over") == self._order.number:
                self._close(said)
            elif said.get("number") == self._order.number:
                yield self._totals.add(said)

    def stop(self) -> None:
        """Send no more; what is under way may still be answered."""
        self._crew.say(STOP)

    def result(self) -> Result:
        """What was measured, once `beats` has come to its end."""
        return self._totals.result(self._workers, self._problem)

    def _close(self, said: Said) -> None:
        self.is_over = True
        self._workers = said["workers"]
        left = said["left"]
        if left:
            told = ", ".join(f"{name.partition('_')[0]} after {at:g} s" for name, at in left)
            self._problem = (
                f"{len(left)} of {self._workers} workers left ({told}): the others took their "
                "share over, and what they had not told is missing"
            )
        elif not self._workers:
            self._problem = "no worker was there"
        elif missing := self._totals.missing(self._workers):
            self._problem = f"{missing}: {self._crew.last_words()}"


@contextmanager
def crew_here(workers: int) -> Iterator[Crew]:
    """So many processes on this machine."""
    if workers == 1:
        with Crew(Post()) as crew:
            yield crew
        return
    master = Post("master", port=_free_port(), secret=secrets.token_hex())
    with Crew(master, *[replace(master, role="worker")] * workers) as crew:
        there = crew.gather(workers, JOIN_SECONDS, lambda _there: None)
        if there < workers:
            raise UnobservableError(
                "load", f"{there} of {workers} processes came: {crew.last_words()}"
            )
        yield crew


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
    return port
