"""Processes by pid and start time: a pid alone may belong to somebody else by now."""

import contextlib
import os
import signal
from dataclasses import dataclass

import psutil

# psutil derives the start from the clock and the uptime, which drift apart a little.
SAME_START_SECONDS = 2.0


@dataclass(frozen=True)
class Identity:
    """One process, for ever."""

    pid: int
    since: float

    @classmethod
    def of(cls, pid: int) -> "Identity | None":
        """The process that has this pid now."""
        try:
            return cls(pid, psutil.Process(pid).create_time())
        except psutil.Error:
            return None

    def alive(self) -> bool:
        """Whether it still runs; a zombie does not."""
        return self.process() is not None

    def process(self) -> psutil.Process | None:
        """The process, if it still runs."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.since) < SAME_START_SECONDS
            return process if same and process.status() != psutil.STATUS_ZOMBIE else None
        except psutil.Error:
            return None


def family(pid: int) -> list[psutil.Process]:
    """The process and everything that descends from it."""
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.Error:
        return []


def kill(pid: int) -> None:
    """End a server at once, with its process group and its descendants."""
    descendants = family(pid)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    for process in descendants:
        with contextlib.suppress(psutil.Error):
            process.kill()
