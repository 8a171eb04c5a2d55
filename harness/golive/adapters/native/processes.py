"""Processes by pid and start: a pid alone may belong to somebody else by now."""

import contextlib
import os
import select
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
# Of the fields behind the name in /proc/PID/stat, which is the second; the start is the 22nd.
START_FIELD = 19
SETTLING_SECONDS = 5.0
POLL_SECONDS = 0.01


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

    def signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        with self._held() as descriptor, contextlib.suppress(ProcessLookupError):
            if descriptor is not None:
                signal.pidfd_send_signal(descriptor, number)

    def wait(self, seconds: float) -> bool:
        """Wait for its end; whether it has ended."""
        with self._held() as descriptor:
            return descriptor is None or bool(select.select([descriptor], [], [], seconds)[0])

    @contextlib.contextmanager
    def _held(self) -> Iterator[int | None]:
        """A descriptor of this very process, None if it has ended: what is compared while it is
        open cannot become another one before it is used.
        """
        try:
            descriptor = os.pidfd_open(self.pid)
        except OSError:
            yield None
            return
        try:
            yield descriptor if self.alive() else None
        finally:
            os.close(descriptor)


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
        end(process)


def pause(pid: int) -> None:
    """Stop a process and its descendants in their tracks."""
    _signal_until(pid, signal.SIGSTOP, paused=True)


def resume(pid: int) -> None:
    """Let them go on."""
    _signal_until(pid, signal.SIGCONT, paused=False)


def wake(pid: int) -> None:
    """The same without making sure: nothing happens to those that run."""
    for process in family(pid):
        with contextlib.suppress(psutil.Error):
            process.send_signal(signal.SIGCONT)


def is_paused(process: psutil.Process) -> bool:
    """Whether it has been stopped in its tracks."""
    with contextlib.suppress(psutil.Error):
        return bool(process.status() == psutil.STATUS_STOPPED)
    return False


def _signal_until(pid: int, number: signal.Signals, *, paused: bool) -> None:
    deadline = time.monotonic() + SETTLING_SECONDS
    # Again, since some may have been born meanwhile, and the kernel takes a moment to obey.
    while others := [one for one in family(pid) if lives(one) and is_paused(one) != paused]:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{len(others)} processes below {pid} do not obey {number.name}")
        for process in others:
            with contextlib.suppress(psutil.Error):
                process.send_signal(number)
        time.sleep(POLL_SECONDS)


def name_of(process: psutil.Process) -> str:
    """What the kernel calls it; nothing when it has ended."""
    with contextlib.suppress(psutil.Error):
        return process.name()
    return ""


def end(process: psutil.Process) -> None:
    """SIGKILL, if it still runs."""
    with contextlib.suppress(psutil.Error):
        process.kill()


def lives(process: psutil.Process) -> bool:
    """Whether it runs; what waits for somebody to take note of its end does not."""
    with contextlib.suppress(psutil.Error):
        return bool(process.status() not in {psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD})
    return False
