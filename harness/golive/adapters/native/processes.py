"""Processes by pid and start: a pid alone may belong to somebody else by now."""

import contextlib
import os
import signal
from dataclasses import dataclass
from pathlib import Path

import psutil

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
# Of the fields behind the name in /proc/PID/stat, which is the second; the start is the 22nd.
START_FIELD = 19


@dataclass(frozen=True)
class Identity:
    """One process, for ever. Its start is counted in clock ticks from the boot: no clock that is
    set meanwhile changes it.
    """

    pid: int
    start_ticks: int
    boot: str

    @classmethod
    def of(cls, pid: int) -> "Identity | None":
        """The process that has this pid now."""
        try:
            stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
            boot = BOOT_ID.read_text().strip()
        except OSError:
            return None
        # The name is in brackets and may hold anything.
        return cls(pid, int(stat.rpartition(")")[2].split()[START_FIELD]), boot)

    def alive(self) -> bool:
        """Whether it still runs; a zombie does not."""
        return self.process() is not None

    def process(self) -> psutil.Process | None:
        """The process, if it still runs."""
        try:
            process = psutil.Process(self.pid)
            living = process.status() != psutil.STATUS_ZOMBIE
            return process if living and Identity.of(self.pid) == self else None
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
