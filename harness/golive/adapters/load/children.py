"""Starts generating processes, reads what they tell, and ends them whatever happens."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from queue import Empty, Queue
from tempfile import TemporaryFile
from threading import Thread
from types import TracebackType
from typing import IO, Any, Self

from golive.adapters.load.order import STOP, Order, line_of
from golive.adapters.load.totals import Totals
from golive.errors import UnobservableError
from golive.model.load.records import Beat, Result

ENGINE = "golive.adapters.load.engine"
BARE = "golive.adapters.load.bare"
LOOPBACK = "127.0.0.1"
END_SECONDS = 5.0
SILENCE_SECONDS = 45.0

Child = subprocess.Popen[bytes]


@contextmanager
def child(module: str, **streams: Any) -> Iterator[Child]:
    """A Python process of golive's own, which is ended with the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,
        # Ctrl-C is golive's to deal with: it ends them when it has read what they measured.
        start_new_session=True,
        **streams,
    )
    try:
        yield process
    finally:
        _end(process)


@contextmanager
def bare_server() -> Iterator[str]:
    """Address of a server that does nothing but answer."""
    with child(BARE) as process:
        port = _pipe(process.stdout).readline().decode().strip()
        yield f"http://{LOOPBACK}:{port}/"


class Generating:
    """A load under way: the context in which its processes are there."""

    def __init__(self, order: Order) -> None:
        self._orders = tuple(_orders(order))
        self._workers = order.workers
        self._totals = Totals(order.plan.stages)
        self._lines: Queue[bytes] = Queue()
        self._children: list[Child] = []
        self._complaints = TemporaryFile()  # noqa: SIM115 - closed with the context
        self._open = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            opening.enter_context(self._complaints)
            for order in self._orders:
                process = opening.enter_context(child(ENGINE, stderr=self._complaints))
                _pipe(process.stdin).write(line_of(order))
                self._children.append(process)
            # The first one tells what all of them measured.
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

    def beats(self) -> Iterator[Beat]:
        """How it goes on, about once a second of each process, until all has been told."""
        while line := self._next_line():
            yield self._totals.add(json.loads(line))

    def stop(self) -> None:
        """Send no more; what is under way may still be answered."""
        with suppress(OSError):
            _pipe(self._children[0].stdin).write(STOP)

    def result(self) -> Result:
        """What was measured, once `beats` has come to its end."""
        problem = self._totals.missing(self._workers)
        return self._totals.result(
            self._workers, f"{problem}: {self._last_words()}" * bool(problem)
        )

    def _last_words(self) -> str:
        self._complaints.seek(0)
        lines = self._complaints.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else "they say nothing"

    @property
    def process_ids(self) -> tuple[int, ...]:
        """The generating processes; of several, the first is the one that tells the others."""
        return tuple(process.pid for process in self._children)

    def _next_line(self) -> bytes:
        try:
            return self._lines.get(timeout=SILENCE_SECONDS)
        except Empty:
            raise UnobservableError("load", "the generating process fell silent") from None

    def _read(self, process: Child) -> None:
        # Its end of the pipe is closed with the process, also while we read.
        with suppress(OSError, ValueError):
            for line in _pipe(process.stdout):
                self._lines.put(line)
        self._lines.put(b"")


def _orders(order: Order) -> Iterator[Order]:
    if order.workers == 1:
        yield order
        return
    whole = replace(order, port=_free_port())
    yield replace(whole, role="master")
    for _ in range(order.workers):
        yield replace(whole, role="worker")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
    return port


def _end(process: Child) -> None:
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with suppress(OSError):
                stream.close()
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise OSError("the process has no such stream")
    return stream
